"""The demo's posts and their conversations: who says what under which post, and when.

No Django here, and no chance either: the same post has the same conversation on every machine, so
that two people who look at the demo look at the same thing.
"""

import heapq
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from comments.demo.corpus import (
    ANYONE,
    ASKER,
    EARLY,
    LATE,
    WRITER,
    Bag,
    Filler,
    Line,
    Words,
    language_of,
    load,
)
from comments.demo.people import READERS, Person

POSTS = Path(__file__).parent / "posts"
DAY = 24 * 60
REPLIES = 0.4  # of all comments
# "Now" is taken for three in the afternoon: minutes ago are all a demo knows of the clock.
NOW = 15 * 60
PEOPLE_BY_NAME = {person.username: person for person in READERS}
# How busy each hour of the day is; readers sit on several continents, so no hour is empty.
HOURS = (5, 3, 2, 2, 2, 3, 5, 8, 10, 10, 9, 9, 12, 11, 9, 8, 8, 9, 11, 13, 15, 16, 14, 9)


@dataclass(frozen=True)
class DemoPost:
    title: str
    slug: str
    author: str
    language: str
    days_ago: int
    comments: int
    body: str


@dataclass(frozen=True)
class DemoComment:
    """`parent` is the index of an earlier comment of the same conversation."""

    author: str
    body: str
    parent: int | None
    minutes_ago: int


def posts() -> list[DemoPost]:
    """All posts of the demo, oldest first."""
    found = [_post(path.read_text("utf-8")) for path in sorted(POSTS.glob("*.md"))]
    return sorted(found, key=lambda post: -post.days_ago)


def conversation(post: DemoPost) -> list[DemoComment]:
    """Exactly `post.comments` comments, oldest first."""
    return _Conversation(post).held()


def _post(source: str) -> DemoPost:
    _, head, body = source.split("---\n", 2)
    told = dict(line.split(": ", 1) for line in head.splitlines())
    return DemoPost(
        title=told["title"],
        slug=told["slug"],
        author=told["author"],
        language=told["language"],
        days_ago=int(told["days_ago"]),
        comments=int(told["comments"]),
        body=body.strip() + "\n",
    )


def _life(post: DemoPost) -> int:
    """Minutes since readers found the post, which went up an hour before its first whole day."""
    return post.days_ago * DAY + 50


def _moments(post: DemoPost, rng: Random) -> list[int]:
    """How old the post was at each comment, in minutes, youngest first."""
    life = _life(post)
    rush = min(life * 0.14, 2.5 * DAY)
    bursts = [rng.uniform(0, life) ** 0.97 for _ in range(1 + post.comments // 60)]
    if post.days_ago <= 1 or post.comments > 1000:
        bursts += [life - 45.0, life - 200.0]  # somebody is talking right now
    ages: list[int] = []
    while len(ages) < post.comments:
        kind = rng.random()
        if kind < 0.62:
            age = 4 + rng.expovariate(1 / rush)
        elif kind < 0.78:
            age = rng.gauss(rng.choice(bursts), 35)
        else:
            age = rng.uniform(4, life)
        hour = int((NOW - (life - age)) % DAY // 60)
        if 4 <= age <= life - 2 and rng.random() < HOURS[hour] / max(HOURS):
            ages.append(int(age))
    return sorted(ages)


@dataclass
class _Said:
    """A comment that stands, with what the ones after it need to know about it."""

    author: Person | None  # None is the author of the post
    text: str
    root: int
    parent: int | None
    age: int
    words: Words = field(default_factory=dict)

    @property
    def language(self) -> str:
        return language_of(self.text)

    @property
    def invites(self) -> bool:
        """A question deserves the answer written for it, and "Ha!" no answer at all."""
        return len(self.text) > 25 and not self.text.rstrip().endswith(("?", "🙂", "😄", "ㅎㅎ"))


class _Conversation:
    def __init__(self, post: DemoPost) -> None:
        self._post = post
        self._rng = rng = Random(f"postroom {post.slug}")
        self._corpus = load(post.slug) + load("anywhere")
        self._filler = Filler(self._corpus, rng)
        lines = self._corpus.comments
        once = [line for line in lines if not line.has_gaps]
        self._early = [line for line in once if line.when == EARLY]
        self._late = [line for line in once if line.when == LATE]
        self._once = Bag([line for line in once if line.when not in {EARLY, LATE}], rng)
        self._patterns = Bag([line for line in lines if line.has_gaps], rng)
        self._replies: dict[tuple[str, str], Bag[Line]] = {}
        for language in ("en", "ko"):
            kinds: dict[str, list[Line]] = {"once": [], "gaps": [], "echo": []}
            for line in self._corpus.replies:
                if line.language == language:
                    kind = "echo" if line.needs else "gaps" if line.has_gaps else "once"
                    kinds[kind].append(line)
            for kind, some in kinds.items():
                self._replies[language, kind] = Bag(some, rng)
        self._said: list[_Said] = []
        self._texts: set[str] = set()
        # Replies written for one comment wait here until their time: (age, order, parent, line).
        self._waiting: list[tuple[float, int, int, Line]] = []
        self._order = 0
        self._once_said = self._replies_said = 0
        # A few people talk a lot, most now and then, as everywhere.
        self._talks = {
            person.username: 1 / (1 + place) ** 0.35
            for place, person in enumerate(rng.sample(READERS, len(READERS)))
        }

    def held(self) -> list[DemoComment]:
        ages = _moments(self._post, self._rng)
        life = _life(self._post)
        for at, age in enumerate(ages):
            if not self._say_what_was_waiting(age) and not self._reply(age):
                self._comment(age, len(ages) - at)
        return [
            DemoComment(
                author=said.author.username if said.author else self._post.author,
                body=said.text,
                parent=said.parent,
                minutes_ago=life - said.age,
            )
            for said in self._said
        ]

    def _say_what_was_waiting(self, age: int) -> bool:
        if not self._waiting or self._waiting[0][0] > age or self._rng.random() > 0.7:
            return False
        if self._replies_said > 0.45 * len(self._said):
            return False
        _, _, parent, line = heapq.heappop(self._waiting)
        return self._say(line, age, parent)

    def _reply(self, age: int) -> bool:
        rng = self._rng
        wanted = REPLIES * (len(self._said) + 1) - self._replies_said
        if wanted < 0 or rng.random() > 0.3 + 0.05 * wanted:
            return False
        parent = self._someone_to_answer()
        if parent is None:
            return False
        said = self._said[parent]
        language = said.language
        if language == "en" and rng.random() < 0.03:
            language = "ko"
        kinds = ["once", "gaps"]
        if said.words and rng.random() < 0.7:
            kinds.insert(0, "echo")  # "I loved that book too" is better than any nod
        for kind in kinds:
            bag = self._replies[language, kind]
            for _ in range(min(len(bag), 60)):
                line = bag.draw()
                if line.needs <= said.words.keys() and self._say(line, age, parent):
                    return True
        return False

    def _someone_to_answer(self) -> int | None:
        rng, said = self._rng, self._said
        if len(said) < 3:
            return None
        for _ in range(30):
            at = len(said) - 1 - min(int(rng.expovariate(1 / 8)), len(said) - 1)
            # What was written by hand has its own answers; the others need them more.
            chance = 1.0 if said[at].words else 0.2
            chance *= 1.0 if said[at].parent is None else 0.4
            if said[at].invites and rng.random() < chance:
                return at
        return None

    def _comment(self, age: int, left: int) -> None:
        tops_left = max(left * (1 - REPLIES), 1)
        if self._early and self._rng.random() < 0.6:
            self._say(self._early.pop(0), age, None)
            return
        ending = left < 0.35 * self._post.comments
        if self._late and ending and self._rng.random() < len(self._late) / tops_left:
            self._say(self._late.pop(0), age, None)
            return
        # What was written by hand is spread evenly over the whole conversation.
        once_left = len(self._once) - self._once_said
        if once_left and self._rng.random() < once_left / tops_left:
            self._once_said += 1
            self._say(self._once.draw(), age, None)
            return
        for _ in range(1000):
            if self._say(self._patterns.draw(), age, None):
                return
        raise RuntimeError(f"{self._post.slug} has too little to say")

    def _say(self, line: Line, age: int, parent: int | None) -> bool:
        """Let somebody say the line, unless it has been said here already."""
        above = self._said[parent] if parent is not None else None
        text, words = self._filler.fill(line.text, above.words if above else {})
        if text in self._texts:
            return False
        root = above.root if above else len(self._said)
        if line.speaker == WRITER:
            author = None
        elif line.speaker == ASKER:
            author = self._said[root].author
        elif line.speaker == ANYONE:
            author = self._someone(language_of(text), above)
        else:
            author = PEOPLE_BY_NAME[line.speaker.removeprefix("@")]
        if above:
            # A nod names nothing, so nothing that was named above can be answered under it.
            words = {name: word for name, word in (above.words | words).items() if word in text}
            self._replies_said += 1
        self._said.append(_Said(author, text, root, parent, age, words))
        self._texts.add(text)
        for reply in line.replies:
            self._order += 1
            due = age + 2 + self._rng.expovariate(1 / 80)
            heapq.heappush(self._waiting, (due, self._order, len(self._said) - 1, reply))
        return True

    def _someone(self, language: str, above: _Said | None) -> Person:
        """Anyone but the one they answer and whoever spoke last."""
        silent = {above.author if above else None, self._said[-1].author if self._said else None}
        # Many Koreans write English under an English post; the other way round is rare.
        people = [
            person
            for person in READERS
            if person not in silent and (person.language == language or language == "en")
        ]
        fits = {language: 1.0}
        weights = [self._talks[one.username] * fits.get(one.language, 0.15) for one in people]
        return self._rng.choices(people, weights)[0]
