// A bulk decision's page follows its progress without being loaded again; without JavaScript it reloads itself.

const PAUSE = 700; // each question is also a second of work

const page = document.querySelector('[data-progress]');

async function look() {
  const answer = await fetch(page.dataset.progress, { headers: { Accept: 'application/json' } });
  if (!answer.ok || answer.redirected) throw new Error(`answer ${answer.status}`);
  return answer.json();
}

function show({ done, total, text }) {
  const bar = page.querySelector('progress');
  bar.max = total;
  bar.value = done;
  page.querySelector('[data-said]').textContent = text;
}

async function follow() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    try {
      const state = await look();
      show(state);
      if (state.over) break;
    } catch {
      // Logged out, or the server is away for a moment: loading the page says which.
      location.reload();
      return;
    }
  }
  document.querySelector('[data-stop]')?.remove();
}

if (page) follow();
