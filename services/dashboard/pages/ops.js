"use strict";

// The page shows two things: the summary (figures, read again soon after anything happened) and
// the tail of the event stream. Every number comes from /v1/metrics/summary; nothing is counted here.

const words = JSON.parse(document.getElementById("words").textContent);
const page = words.page;
const language = document.documentElement.lang;
const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat(language);
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const dayTime = new Intl.DateTimeFormat(language, {
  month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false,
});
const clockTime = new Intl.DateTimeFormat(language, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
});
const fullTime = new Intl.DateTimeFormat(language, {
  year: "numeric", month: "short", day: "numeric",
  hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
});

const TAIL_ROWS = 60;
const FEW = 3;
const HELD_ROWS = 9999;
const REFRESH_AFTER_MS = 700; // after an event, so that a burst costs one reading
const REFRESH_IDLE_MS = 10000; // spans such as "due within 1 h" move without events

// -- small tools ---------------------------------------------------------------------------

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const cell = (kind, ...children) => element("td", { class: kind || null }, ...children);
const named = (group, value) => words[group][value] || value || "–";
const shortId = (id) => element("span", { class: "id", title: id }, id ? id.slice(-8) : "–");
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function meter(value, max, full = false, shown = number.format(value)) {
  const bar = element("progress", {
    max: Math.max(max, 1), value: Math.min(value, Math.max(max, 1)), class: full ? "full" : null,
    "aria-hidden": "true",
  });
  return element("div", { class: "meter" }, bar, element("b", {}, shown));
}

function fill(tableId, rows, emptyText) {
  const body = byId(tableId).tBodies[0];
  if (rows.length === 0) {
    const columns = byId(tableId).tHead.rows[0].cells.length;
    body.replaceChildren(element("tr", { class: "empty" }, element("td", { colspan: columns }, emptyText)));
    return;
  }
  body.replaceChildren(...rows.map((cells) => element("tr", {}, ...cells)));
}

// -- business time ---------------------------------------------------------------------------

const business = { at: null, read: 0, rate: 1 };

function businessNow() {
  return business.at + (performance.now() - business.read) * business.rate;
}

function span(milliseconds) {
  const past = milliseconds < 0;
  let seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const days = Math.floor(seconds / 86400);
  seconds -= days * 86400;
  const two = (n) => String(n).padStart(2, "0");
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return (past ? "−" : "") + (days ? `${days} d ` : "") + clock;
}

function tick() {
  if (business.at === null) return;
  const now = businessNow();
  byId("business-now").textContent = fullTime.format(now);
  for (const shown of document.querySelectorAll("[data-due]")) {
    const left = Number(shown.dataset.due) - now;
    shown.textContent = left < 0 ? `${page.overdue} ${span(-left)}` : span(left);
    shown.className = "left" + (left < 0 ? " over" : left < 3600e3 ? " soon" : "");
  }
}

// -- the summary -----------------------------------------------------------------------------

function tile(id, value, hintValues, raised = false) {
  const box = byId(`tile-${id}`);
  box.querySelector(".number").textContent = value;
  box.querySelector(".hint").textContent = filled(page[`${id}_hint`], hintValues);
  box.classList.toggle("raised", raised);
}

function showTiles(s) {
  const n = (value) => number.format(value);
  const share = (value) => (value === null ? "–" : percent.format(value));
  tile("open", n(s.open.total), { filed: n(s.totals.filed) });
  tile("unmet", n(s.breaches.unmet), { total: n(s.breaches.total) }, s.breaches.unmet > 0);
  tile("due_1h", n(s.clocks.due_in_1h), {}, s.clocks.due_in_1h > 0);
  tile("due_24h", n(s.clocks.due_in_24h), {});
  tile("unroutable", n(s.routing.unroutable), { waiting: n(s.routing.waiting) }, s.routing.unroutable > 0);
  tile("first_contact", share(s.first_contact.in_time_share),
    { in_time: n(s.first_contact.in_time), late: n(s.first_contact.late) });
  tile("satisfied", share(s.follow_ups.satisfied_share),
    { satisfied: n(s.follow_ups.satisfied), objections: n(s.follow_ups.objections) });
  tile("mails", n(s.notifications.mails_sent),
    { failed: n(s.notifications.failed), suppressed: n(s.notifications.suppressed) });
}

function showOpen(open) {
  const order = Object.keys(words.status);
  const rows = [...open.by_status_and_turn].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const most = Math.max(0, ...rows.map((row) => row.count));
  fill("status-table", rows.map((row) => [
    cell("", named("status", row.status)), cell("", named("party", row.turn)), cell("num", meter(row.count, most)),
  ]), page.nothing);
  bars("band", open.by_band);
  bars("age", open.by_age);
}

function bars(group, counts) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  byId(`${group}-list`).replaceChildren(...Object.entries(counts).map(([name, count]) =>
    element("li", {}, element("span", {}, named(group, name)), element("b", {}, number.format(count)),
      element("progress", { max: Math.max(total, 1), value: count, "aria-hidden": "true" }))));
}

function showClocks(clocks) {
  fill("due-table", clocks.due_soonest.map((clock) => [
    cell("", named("clock", clock.kind)), cell("", shortId(clock.complaint_id)),
    cell("narrow-hide", named("party", clock.party)),
    cell("narrow-hide", dayTime.format(new Date(clock.due_at))),
    cell("num", element("span", { "data-due": Date.parse(clock.due_at) })),
  ]), page.nothing_due);
}

function showBreaches(breaches) {
  const kinds = [...breaches.by_kind_and_party].sort((a, b) => b.count - a.count);
  const most = Math.max(0, ...kinds.map((row) => row.count));
  fill("breaches-table", kinds.map((row) => [
    cell("", named("clock", row.kind)), cell("", named("party", row.party)), cell("num", meter(row.count, most)),
  ]), page.nothing_breached);
  fill("latest-table", breaches.latest.slice(0, 8).map((clock) => [
    cell("", named("clock", clock.kind)), cell("", shortId(clock.complaint_id)),
    cell("narrow-hide", named("party", clock.party)),
    cell("narrow-hide", dayTime.format(new Date(clock.breached_at))), cell("", since(clock)),
  ]), page.nothing_breached);
  const worst = Math.max(0, ...breaches.by_merchant.map((row) => row.breaches));
  fill("merchants-table", breaches.by_merchant.slice(0, 6).map((row) => [
    cell("", element("span", { class: "id" }, row.merchant_id)), cell("num", meter(row.breaches, worst)),
  ]), page.nothing_breached);
}

function since(clock) {
  if (clock.since === "owed") return element("span", { class: "over" }, page.still_owed);
  return element("span", { class: "quiet" }, clock.since === "met" ? page.done_late : page.dropped);
}

function showLoad(specialists) {
  fill("load-table", specialists.slice(0, 40).map((one) => {
    const state = one.online ? page.online : page.offline;
    const dot = element("span", { class: "presence" + (one.online ? " on" : ""), role: "img", "aria-label": state, title: state });
    return [
      cell("", dot, one.specialist_id), cell("narrow-hide", one.team_id || "–"),
      cell("num", number.format(one.load)),
      cell("num", meter(one.weight, one.capacity, one.weight >= one.capacity,
        `${number.format(one.weight)} / ${number.format(one.capacity)}`)),
    ];
  }), page.nobody);
}

function showTotals(totals) {
  const shown = ["filed", "accepted", "assigned", "resolved", "closed", "reopened", "withdrawn", "warnings"];
  byId("totals-list").replaceChildren(...shown.map((name) =>
    element("div", {}, element("dt", {}, page[name]), element("dd", {}, number.format(totals[name])))));
}

function showLag(lag) {
  const behind = lag.seconds === null ? null : Math.round(lag.seconds / business.rate);
  byId("lag").textContent = behind !== null && behind > 5
    ? filled(page.lag, { seconds: number.format(behind) }) : behind === null ? "" : page.lag_none;
  trouble(lag.parked_keys > 0 ? filled(page.parked, { n: number.format(lag.parked_keys) }) : "");
}

function trouble(text) {
  byId("trouble").hidden = text === "";
  byId("trouble").textContent = text;
}

function show(s) {
  Object.assign(business, { at: Date.parse(s.business_now), read: performance.now(), rate: s.rate });
  byId("rate").hidden = s.rate === 1;
  byId("rate").textContent = `${number.format(s.rate)} ${page.rate}`;
  showTiles(s);
  showOpen(s.open);
  showClocks(s.clocks);
  showBreaches(s.breaches);
  showLoad(s.specialists);
  showTotals(s.totals);
  showLag(s.lag);
  tick();
}

let due = null;
let reading = false;

function refreshIn(milliseconds) {
  if (due !== null && due.at <= performance.now() + milliseconds) return;
  if (due !== null) clearTimeout(due.timer);
  due = { at: performance.now() + milliseconds, timer: setTimeout(refresh, milliseconds) };
}

async function refresh() {
  due = null;
  if (reading) return refreshIn(REFRESH_AFTER_MS);
  reading = true;
  try {
    const answer = await fetch("/v1/metrics/summary", { cache: "no-store" });
    if (answer.status === 401 || answer.status === 403) return signedOut();
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.json());
  } catch (error) {
    trouble(page.summary_failed);
  } finally {
    reading = false;
  }
  refreshIn(REFRESH_IDLE_MS);
}

// -- the tail --------------------------------------------------------------------------------

let paused = false;
let held = [];
let arrived = [];

function tailRow(event, fresh) {
  let type = event.type.replace(/^amends\./, "").replace(/\.v\d+$/, "");
  if (type === "notification.failed" && event.data.suppressed) type = "notification.suppressed";
  const family = type.split(".")[0];
  const bad = ["clock.breached", "notification.failed", "complaint.reopened", "complaint.request_lapsed"].includes(type);
  const mark = element("span", { class: `kind ${bad ? "bad" : family}`, "aria-hidden": "true" });
  const at = new Date(event.recorded_at);
  const detail = event.data.kind && words.clock[event.data.kind] ? ` · ${words.clock[event.data.kind]}` : "";
  return element("tr", { class: fresh ? "fresh" : null },
    cell("", element("time", { datetime: event.recorded_at, title: fullTime.format(at) }, clockTime.format(at))),
    cell("", mark, element("span", { title: type }, named("event", type) + detail)),
    cell("", shortId(event.data.complaint_id || null)), cell("", who(event.actor)));
}

function who(actor) {
  const role = named("party", actor.role);
  if (actor.role === "system") return element("span", {}, `${role} · ${actor.id}`);
  return element("span", { title: actor.id }, role);
}

function paint() {
  const fresh = arrived.slice(-TAIL_ROWS);
  arrived = [];
  const body = byId("events-table").tBodies[0];
  for (const empty of body.querySelectorAll(".empty")) empty.remove();
  const few = fresh.length <= FEW; // a burst, as at the start, is not worth a highlight
  for (const event of fresh) body.prepend(tailRow(event, few));
  while (body.rows.length > TAIL_ROWS) body.lastElementChild.remove();
}

function arrive(event) {
  refreshIn(REFRESH_AFTER_MS);
  if (paused) {
    held.push(event);
    byId("held").textContent = filled(page.paused_new, { n: number.format(held.length) });
    if (held.length > HELD_ROWS) held = held.slice(-HELD_ROWS);
    return;
  }
  if (arrived.length === 0) requestAnimationFrame(paint);
  arrived.push(event);
}

byId("pause").addEventListener("click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  byId("pause").textContent = paused ? page.resume : page.pause;
  if (!paused) {
    byId("held").textContent = "";
    const waiting = held;
    held = [];
    waiting.forEach(arrive);
  }
});

function connection(text, kind) {
  byId("connection").textContent = text;
  byId("dot").className = `dot ${kind}`;
}

let source = null;

function signedOut() {
  if (source !== null) source.close();
  connection(page.signed_out, "off");
}

function listen() {
  // Every type has its own event name; the browser keeps the last id and resumes by itself.
  source = new EventSource(`/v1/stream?last=${TAIL_ROWS}&personal=false`);
  source.addEventListener("open", () => connection(page.live, "on"));
  source.addEventListener("error", () => {
    connection(page.lost, "off");
    // A refusal (such as a cursor too old) closes it for good: begin anew, without a cursor.
    if (source.readyState === EventSource.CLOSED) setTimeout(relisten, 3000);
  });
  for (const type of Object.keys(words.event)) {
    source.addEventListener(`amends.${type}.v1`, (message) => arrive(JSON.parse(message.data)));
  }
}

function relisten() {
  byId("events-table").tBodies[0].replaceChildren();
  listen();
  refreshIn(0);
}

// -- theme -----------------------------------------------------------------------------------

function theme(name) {
  if (name) document.documentElement.dataset.theme = name;
}

theme(localStorage.getItem("amends-theme"));
byId("theme").addEventListener("click", () => {
  const shown = document.documentElement.dataset.theme
    || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const next = shown === "dark" ? "light" : "dark";
  localStorage.setItem("amends-theme", next);
  theme(next);
});

setInterval(tick, 250);
refresh();
listen();
