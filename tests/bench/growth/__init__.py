"""How cost grows, on paper: from what one machine measured to what many would need.

python -m tests.bench.growth                         print every table
python -m tests.bench.growth --from results.json     take a new run's figures, rewrite docs/scaling.md

`measured` keeps the figures of a run, `costs` finds the model's parameters in them, `points` holds the
model against them; `room` simulates a process with one room, `site` a whole site on many processes, `storm`
everybody coming back; `document` writes it down.
"""
