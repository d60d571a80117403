import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Conversation } from '../../../static/js/chat/models/conversation.js';

const ME = { userId: '1' };
const SUE = { userId: '2' };
const OTHER = { userId: '3' };

function message(id, { from = SUE, to = ME, clientId } = {}) {
  return { _id: id, from, to, content: `Message ${id}`, html: '<p></p>', ...(clientId && { clientId }) };
}

function talk(messages = []) {
  let changes = 0;
  const conversation = new Conversation({ withId: '2', messages, onChange: () => { changes += 1; } });
  return { conversation, shown: () => conversation.entries.map(({ _id, clientId }) => _id ?? clientId), changes: () => changes };
}

test("what others write is none of this conversation's", () => {
  const { conversation, shown, changes } = talk();

  assert.equal(conversation.hear(message('7', { from: OTHER })), false);
  assert.deepEqual(shown(), []);
  assert.equal(changes(), 0);
});

test('messages stand in the order of time, each once, whenever they come', () => {
  const { conversation, shown } = talk([message('8')]);

  assert.equal(conversation.hear(message('10')), true);
  assert.equal(conversation.hear(message('9')), true);
  assert.equal(conversation.hear(message('10')), false);
  assert.deepEqual(shown(), ['8', '9', '10']);
});

test('what is on its way stands at the end until it is there', () => {
  const { conversation, shown } = talk([message('8')]);

  conversation.begin({ clientId: 'mine', content: 'Hello', createdAt: '' });
  conversation.hear(message('9'));
  assert.deepEqual(shown(), ['8', '9', 'mine']);
  conversation.hear(message('10', { from: ME, to: SUE, clientId: 'mine' }));
  assert.deepEqual(shown(), ['8', '9', '10']);
});

test('what did not get there goes', () => {
  const { conversation, shown } = talk();

  conversation.begin({ clientId: 'mine', content: 'Hello', createdAt: '' });
  conversation.giveUp('mine');

  assert.deepEqual(shown(), []);
});

test('what was taken back does not come again', () => {
  const { conversation, shown } = talk([message('8'), message('9')]);

  conversation.remove('8');
  conversation.hear(message('8'));

  assert.deepEqual(shown(), ['9']);
});

test('after an absence comes what was missed, and what is gone goes; older ones stay', () => {
  const { conversation, shown } = talk([message('1'), message('8'), message('9')]);

  const added = conversation.load([message('8'), message('10')]);

  assert.deepEqual(added.map(({ _id }) => _id), ['10']);
  assert.deepEqual(shown(), ['1', '8', '10']);
});

// A server that has these messages, in pages of two, and what it was asked.
function pagesOf(ids, { meanwhile = () => {} } = {}) {
  const asked = [];
  const fetchPage = async (before) => {
    asked.push(before);
    const reached = before === undefined ? ids : ids.slice(0, ids.indexOf(before));
    if (asked.length === 1) meanwhile();
    return { messages: reached.slice(-2).map((id) => message(id)), hasMore: reached.length > 2 };
  };
  return { asked, fetchPage };
}

test('of what was missed nothing is left out, however many pages it has', async () => {
  const { conversation, shown } = talk(['1', '2', '3'].map((id) => message(id)));
  const { asked, fetchPage } = pagesOf(['1', '2', '3', '4', '5', '6', '7', '8']);

  assert.equal(await conversation.catchUp(fetchPage), null);

  assert.deepEqual(shown(), ['1', '2', '3', '4', '5', '6', '7', '8']);
  assert.deepEqual(asked, [undefined, '7', '5']);
  assert.equal(conversation.newest, '8');
});

test('what comes while the pages are on their way stays, and what is gone since goes', async () => {
  const { conversation, shown } = talk(['1', '2', '3', '9'].map((id) => message(id)));
  const { fetchPage } = pagesOf(['1', '3', '4'], { meanwhile: () => conversation.hear(message('10')) });

  await conversation.catchUp(fetchPage);

  assert.deepEqual(shown(), ['1', '2', '3', '4', '10']);
});

test('on an empty page there is nothing to meet, so all of it is fetched', async () => {
  const { conversation, shown } = talk();
  const { fetchPage } = pagesOf(['1', '2', '3']);

  await conversation.catchUp(fetchPage);

  assert.deepEqual(shown(), ['1', '2', '3']);
});

test('after too much of it the conversation begins anew, and says with what', async () => {
  const { conversation, shown } = talk([message('1')]);
  const ids = Array.from({ length: 60 }, (_, index) => String(index + 1));
  const { asked, fetchPage } = pagesOf(ids);

  assert.equal(await conversation.catchUp(fetchPage), '41');

  assert.equal(asked.length, 10);
  assert.deepEqual(shown(), ids.slice(40));
});

test('what is heard while catching up fails is no bridge over what is missing before it', async () => {
  const ids = Array.from({ length: 9 }, (_, index) => String(index + 11));
  const { conversation, shown } = talk([message('10')]);
  const { fetchPage } = pagesOf(['10', ...ids]);

  conversation.breakOff();
  await assert.rejects(conversation.catchUp(async () => { throw new Error('no answer'); }));
  conversation.hear(message('19'));
  assert.equal(conversation.isWhole, false);
  assert.equal(await conversation.catchUp(fetchPage), null);

  assert.deepEqual(shown(), ['10', ...ids]);
  assert.equal(conversation.isWhole, true);
});

test('what was heard after one had caught up is not asked for again', async () => {
  const { conversation } = talk([message('10')]);
  await conversation.catchUp(pagesOf(['10']).fetchPage);
  const ids = Array.from({ length: 9 }, (_, index) => String(index + 11));
  for (const id of ids) conversation.hear(message(id));
  const { fetchPage, asked } = pagesOf(['10', ...ids, '20']);

  conversation.breakOff();
  await conversation.catchUp(fetchPage);

  assert.deepEqual(asked, [undefined]);
});

test('an answer from before the connection was lost does not make a conversation whole', async () => {
  const { conversation, shown } = talk([message('10')]);
  const { fetchPage } = pagesOf(['10', '11'], { meanwhile: () => conversation.breakOff() });

  await conversation.catchUp(fetchPage);
  assert.equal(conversation.isWhole, false);
  conversation.hear(message('14'));
  await conversation.catchUp(pagesOf(['10', '11', '12', '13', '14', '15']).fetchPage);

  assert.deepEqual(shown(), ['10', '11', '12', '13', '14', '15']);
});
