// The tablet: its socket, and the small things a form needs. What is shown comes from
// the server as HTML; a message on the socket only says what to fetch again.
(function () {
  "use strict";
  var body = document.body;
  function all(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }
  function one(selector, root) { return (root || document).querySelector(selector); }

  // ---- the PIN pad
  function pinPad(form) {
    var field = one("#pin", form);
    one("[data-keys]", form).hidden = false;
    if (matchMedia("(pointer: coarse)").matches) field.inputMode = "none"; // the pad stands in for the keyboard
    field.focus();
    form.addEventListener("click", function (event) {
      var key = event.target.closest("[data-key]");
      if (!key) return;
      var what = key.dataset.key;
      if (what === "clear") field.value = "";
      else if (what === "back") field.value = field.value.slice(0, -1);
      else if (field.value.length < field.maxLength) field.value += what;
      if (!matchMedia("(pointer: coarse)").matches) field.focus();
    });
  }
  all("[data-pin]").forEach(pinPad);

  // ---- words at the edge of the screen
  var toast = one("#toast"), toastGone;
  function say(key) { sayText(toast && toast.dataset[key]); }
  function sayText(text) {
    if (!toast) return;
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(toastGone);
    toastGone = setTimeout(function () { toast.hidden = true; }, 5000);
  }
  body.addEventListener("htmx:responseError", function () { say("failed"); });
  body.addEventListener("htmx:sendError", function () { say("unreachable"); });
  body.addEventListener("htmx:timeout", function () { say("unreachable"); });

  // ---- copy: the clipboard is only there on https and localhost, and a salon's tablet
  // often comes by plain http, so an old way follows, and then the person's own hands
  function copyOld(text) {
    var area = document.createElement("textarea");
    area.value = text;
    area.className = "hush";
    area.setAttribute("readonly", "");
    body.appendChild(area);
    area.select();
    area.setSelectionRange(0, text.length);
    var done = false;
    try { done = document.execCommand("copy"); } catch (refused) { done = false; }
    area.remove();
    return done;
  }
  function copied(button) {
    var label = one("[data-copy-label]", button), before = label.textContent;
    if (button.dataset.busy) return;
    button.dataset.busy = "1";
    label.textContent = toast.dataset.copied;
    setTimeout(function () { label.textContent = before; delete button.dataset.busy; }, 2000);
  }
  function byHand(button) {
    var field = one("[data-copy-field]", button.closest("#pay, .shown-once"));
    say("notCopied");
    if (!field) return;
    field.hidden = false;
    field.focus();
    field.select();
  }
  function copy(button) {
    var text = button.dataset.copy;
    function old() { if (copyOld(text)) copied(button); else byHand(button); }
    if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(text).then(function () { copied(button); }, old);
    else old();
  }

  // ---- the lines of a visit's form
  function lines(form) {
    var rows = all("[data-line]", one("[data-line-list]", form));
    one("[data-no-lines]", form).hidden = rows.length > 0;
  }
  function addLine(button) {
    var form = button.closest("[data-lines]"), from = button.dataset;
    var line = one("[data-line-template]", form).content.firstElementChild.cloneNode(true);
    function put(name, value) { var field = one('[name="' + name + '"]', line); if (field) field.value = value; }
    put("line_kind", from.kind); put("line_ref", from.ref); put("line_name", from.name); put("line_price", from.price);
    if (from.tax) {
      var tax = one('[name="line_tax"]', line);
      if (!all("option", tax).some(function (o) { return o.value === from.tax; })) tax.add(new Option(from.tax, from.tax));
      tax.value = from.tax;
    }
    one("[data-range]", line).textContent = from.range;
    one("[data-usual]", line).hidden = !from.range;
    one("[data-left-note]", line).textContent = from.left;
    one("[data-left-note]", line).hidden = !from.left;
    line.classList.add("new");
    one("[data-line-list]", form).appendChild(line);
    lines(form);
    changed(form);
    sum(form);
    // A fixed price is right as it is; a range, or a thing we don't know, asks for one.
    var first = one(!from.name ? '[name="line_name"]' : from.price && !from.range ? '[name="line_quantity"]' : '[name="line_price"]', line);
    first.focus();
    if (first.select) first.select();
    line.scrollIntoView({ block: "nearest" });
    forget(one("[data-find]", form));
  }
  // What was searched for has been found: the next search begins anew.
  function forget(field) {
    if (!field || !field.value) return;
    field.value = "";
    if (window.htmx) htmx.trigger(field, "search");
  }
  function changed(form) { form.dataset.changed = "1"; }
  // What the lines come to is the server's to say; typing asks for it by itself.
  function sum(form) { if (window.htmx) htmx.trigger(form, "desk:sum"); }

  document.addEventListener("click", function (event) {
    var hit = function (selector) { return event.target.closest && event.target.closest(selector); };
    var button;
    if (hit("#bell")) { release(); reveal(); }
    if ((button = hit("[data-copy]"))) copy(button);
    else if ((button = hit("[data-add]"))) { event.preventDefault(); addLine(button); }
    else if ((button = hit("[data-browse]"))) one("[data-find]", button.form).value = "";
    else if ((button = hit("[data-changes]"))) changed(button.form);
    else if (hit("[data-leave]")) sending = true;
    else if ((button = hit("[data-remove]"))) {
      var form = button.closest("[data-lines]");
      button.closest("[data-line]").remove();
      lines(form);
      changed(form);
      sum(form);
    }
  });
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute("data-lines") && !event.target.hasAttribute("data-find")) changed(form);
    if (event.target.hasAttribute("data-find")) awaited = "";
    if (event.target.hasAttribute("data-keep")) event.target.dataset.typed = "1";
  });
  // Enter takes the first thing that was found for what stands in the field: a scanner types
  // faster than any answer comes. It never saves what is not finished.
  var awaited;
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !event.target.hasAttribute || !event.target.hasAttribute("data-find")) return;
    event.preventDefault();
    awaited = event.target.value.trim();
    if (awaited && !take() && window.htmx) htmx.trigger(event.target, "search");
  });
  function take() {
    var found = one("#found");
    if (!awaited || !found || found.dataset.q !== awaited) return false;
    awaited = "";
    var first = one(".choice", found);
    if (first) first.click();
    return true;
  }
  document.addEventListener("change", function (event) {
    if (event.target.hasAttribute("data-jump") && event.target.value) location.assign("/desk?date=" + encodeURIComponent(event.target.value));
  });
  window.addEventListener("beforeunload", function (event) {
    if (one("[data-lines][data-changed]") && !sending) event.preventDefault();
  });
  // A click on another visit would drop what was typed here: asked first.
  body.addEventListener("htmx:beforeRequest", function (event) {
    var form = one("[data-lines][data-changed]"), about = event.detail;
    if (!form || about.requestConfig.verb !== "get" || about.target.id !== "visit") return;
    if (!window.confirm(toast.dataset.unsaved)) event.preventDefault();
  });
  var sending = false;
  document.addEventListener("submit", function () { sending = true; setTimeout(function () { sending = false; }, 4000); });

  // ---- what a person asks for wins over what refreshes by itself: a refresh that was asked for
  // before would bring the older state, so it is dropped, and made up for when the answer is there
  var turns = 0, acted = 0, latest = 0, underway = 0, missed = {};
  function pane(about) { return about.target && (about.target.id === "pay" || about.target.id === "visit"); }
  function byItself(about) {
    var cause = about.requestConfig && about.requestConfig.triggeringEvent;
    return cause && /^desk:(?!sum)/.test(cause.type);
  }
  function miss(about) { missed[about.requestConfig.triggeringEvent.type.slice("desk:".length)] = true; }
  function pressed() { return body.hasAttribute("data-pressed"); }
  function makeUp() {
    if (pressed()) return;
    Object.keys(missed).forEach(function (name) {
      if (/^(pay|visit)$/.test(name) && (underway || one("#pay[data-editing]"))) return;
      delete missed[name];
      want(name);
    });
  }
  body.addEventListener("desk:lifted", makeUp);
  body.addEventListener("htmx:beforeRequest", function (event) {
    var about = event.detail;
    if (event.defaultPrevented || !pane(about) || !byItself(about)) return;
    if (!underway && !one("#pay[data-editing]")) return; // money that is being given back is a form, too
    event.preventDefault();
    miss(about);
  });
  body.addEventListener("htmx:beforeSend", function (event) {
    var about = event.detail;
    if (!pane(about)) return;
    about.xhr.turn = ++turns;
    if (byItself(about)) return;
    acted = turns;
    about.xhr.byHand = true;
    underway++;
  });
  body.addEventListener("htmx:afterRequest", function (event) {
    var xhr = event.detail.xhr;
    if (!xhr || !xhr.byHand) return;
    xhr.byHand = false;
    underway--;
    setTimeout(makeUp, 0);
  });
  body.addEventListener("htmx:beforeSwap", function (event) {
    var about = event.detail, turn = about.xhr && about.xhr.turn;
    if (!about.shouldSwap) return;
    if (byItself(about) && pressed()) { about.shouldSwap = false; miss(about); return; } // what the finger is on stays under it
    if (!turn) return;
    if (!byItself(about) || turn > acted && turn > latest) { latest = Math.max(latest, turn); return; }
    about.shouldSwap = false;
    miss(about);
    setTimeout(makeUp, 0);
  });

  // ---- swaps keep what a person has typed, and where the list stands
  var typed = {};
  body.addEventListener("htmx:beforeSwap", function (event) {
    typed = {};
    if (event.detail.target.id === "notices") hold(event.detail.target);
    if (!event.detail.shouldSwap || !event.detail.requestConfig || event.detail.requestConfig.verb !== "get") return;
    all("[data-keep][data-typed]", event.detail.target).forEach(function (field) { typed[field.id] = field.value; });
  });
  body.addEventListener("htmx:afterSwap", function () {
    Object.keys(typed).forEach(function (id) {
      var field = document.getElementById(id);
      if (field) { field.value = typed[id]; field.dataset.typed = "1"; }
    });
    typed = {};
    told();
    seen();
    if (opened) opened = !reveal();
    follow();
    ends();
    take();
  });
  // A word about what was just done is said at the edge: in the block, the next refresh would
  // take it away again, and move what is below it.
  function told() {
    var word = one("#pay [data-said]");
    if (!word || !toast) return;
    sayText(word.textContent.trim());
    word.remove();
  }
  // A form that was refused: what is marked first is shown, and is where one types on.
  function marked() {
    var first = one(".wrong, [data-ask], [data-theirs]");
    if (!first) return;
    var part = first.closest(".field, [data-line]") || first, field = one("input:not([type=hidden]), select", first.closest("[data-theirs], .field") || part);
    if (first.hasAttribute("data-ask")) field = one("[name=line_price]", part);
    if (field) field.focus({ preventScroll: true });
    (first.closest("[data-line]") || part).scrollIntoView({ block: "center" });
  }
  body.addEventListener("htmx:afterSettle", function (event) {
    if (event.detail.xhr && event.detail.xhr.status >= 400 && event.detail.requestConfig.verb === "post") marked();
  });
  if (one(".wrong")) marked();
  // What a count is compared with: the number that stood there when somebody began to type theirs.
  function seen() {
    var now = one("[data-stock-now]"), pieces = one("[data-pieces]");
    if (now && pieces && !pieces.value) one("[data-seen]").value = now.dataset.stockNow;
  }

  // ---- notices: they come and go above the page, but never move what somebody is typing in.
  // Until then the bell tells of them.
  var notices = one("#notices"), opened;
  function noticed() { return one("#bell") && !one("#bell.none"); }
  function typing() {
    var at = document.activeElement;
    return notices && at && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) && !notices.contains(at);
  }
  function hold(part) {
    opened = Boolean(one("details[open]", part));
    if (!typing()) return;
    part.style.height = part.offsetHeight + "px";
    part.style.overflow = "hidden";
  }
  function release() { // a second after the field was left: who goes on to the next one isn't disturbed either
    if (notices) notices.style.height = notices.style.overflow = "";
  }
  function reveal() {
    var several = one("details", notices);
    if (several) several.open = true;
    return true;
  }

  // Which visit or client is open decides the mark in the list, and the column that a narrow screen shows.
  function follow() {
    var desk = one("#desk"), part = one("#visit, #client"), finder = one("#finder, #client-finder");
    if (!desk || !part || !finder) return;
    var id = part.dataset.visit === undefined ? part.dataset.client : part.dataset.visit;
    desk.dataset.open = id === undefined ? "list" : "visit";
    var finds = finder.elements.visit || finder.elements.open;
    if (finder.elements.visit && finds.value !== (id || "") && noticed()) want("notices"); // they offer the open visit what is nobody's
    finds.value = id || "";
    all("[data-row]").forEach(function (row) {
      var on = row.dataset.row === id;
      row.classList.toggle("on", on);
      if (on) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
    });
  }
  var open = one(".row.on"); // a list that is longer than its column begins where the open row is
  if (open && open.scrollIntoView) open.scrollIntoView({ block: "nearest" });
  window.addEventListener("popstate", function () { location.reload(); });

  // ---- the clock of the location, not of the tablet
  function tick() {
    all("[data-clock]").forEach(function (clock) {
      try {
        clock.textContent = new Intl.DateTimeFormat(document.documentElement.lang === "de" ? "de" : "en-GB", { hour: "2-digit", minute: "2-digit", timeZone: clock.dataset.clock }).format(new Date());
      } catch (unknownZone) { /* the server's time stays */ }
    });
  }
  if (one("[data-clock]")) { tick(); setInterval(tick, 5000); }

  // ---- what an event asks for; many at once are answered once
  var wanted = {}, soon;
  function want(name) {
    wanted[name] = true;
    if (!soon) soon = setTimeout(fetchWanted, 80);
  }
  function fetchWanted() {
    soon = undefined;
    var names = wanted;
    wanted = {};
    if (!window.htmx) return;
    if (names.list) htmx.trigger(body, "desk:list");
    if (names.notices) htmx.trigger(body, "desk:notices");
    if (names.stock) htmx.trigger(body, "desk:stock");
    if (names.displays) htmx.trigger(body, "desk:displays");
    if (names.sync) htmx.trigger(body, "desk:sync");
    var visit = one("#visit");
    if (!visit) return;
    if (visit.hasAttribute("data-editing")) { if (names.visit) elsewhere(visit); return; }
    // A message that went out is no reason to take a half filled form away.
    if (names.visit || names.sent && !one("#pay[data-editing]")) htmx.trigger(body, "desk:visit");
    else if (names.pay) htmx.trigger(body, "desk:pay");
  }
  // The end of a block is no event: the server says in how many seconds it comes. It is
  // looked for rather than waited for, since timers stop while a tablet sleeps.
  function ends() {
    var now = Date.now(), visit = one("#visit"), over = false;
    all("[data-ends]").forEach(function (part) {
      var left = Number(part.dataset.ends) * 1000 + 300;
      if (!part.endsAt || part.endsAt - now > left) part.endsAt = now + left; // also after the clock was set back
      if (now < part.endsAt) return;
      part.endsAt = now + 5000; // without an answer it is asked once more
      over = true;
    });
    if (!over) return;
    want("list");
    if (visit && !visit.hasAttribute("data-editing")) want("visit");
  }
  // Someone else changed the visit that is being edited here: said, never swapped in.
  function elsewhere(visit) {
    var note = one("[data-elsewhere]", visit);
    if (note) note.hidden = false;
  }
  function mine(data) {
    var visit = one("#visit"), about = data && (data.visit || data.id);
    return visit && visit.dataset.visit && (!about || (about.id || about) === visit.dataset.visit);
  }
  function heard(event) {
    var data = event.data || {}, type = event.type || "";
    if (type === "stock.changed") {
      var item = one("[data-item]");
      if (one("#shelf-list")) want("list");
      if (item && (!data.item || data.item === item.dataset.item)) want("stock");
      return;
    }
    if (type === "attention.raised" || type === "sync.changed" || type === "provider.changed") { want("notices"); want("sync"); return; }
    if (type === "display.changed") { want("displays"); want("pay"); return; }
    if (type === "scene.shown") { want("list"); want("pay"); want("displays"); return; }
    want("list");
    if (mine(data)) want(/^link\./.test(type) ? "pay" : type === "delivery.changed" ? "sent" : "visit");
  }

  // ---- printing, where there is a printer to ask for
  all("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { print(); });
  });

  // ---- the socket: events in order, resumed after the last one seen
  var after = Number(body.dataset.after || 0), tries = 0, socket, lost, silent;
  function connect() {
    var address = (location.protocol === "https:" ? "wss://" : "ws://") + location.host + body.dataset.socket + "?after=" + after;
    var mineOnly = new WebSocket(address, "countersign.desk.v1");
    socket = mineOnly;
    mineOnly.onopen = function () {
      if (socket !== mineOnly) return;
      tries = 0;
      clearTimeout(lost);
      lost = undefined;
      one("#offline").hidden = true;
      if (silent) { silent = false; want("list"); want("visit"); want("displays"); want("notices"); want("stock"); } // what was missed is fetched once
    };
    mineOnly.onmessage = function (frame) {
      if (socket !== mineOnly) return;
      var event = JSON.parse(frame.data);
      if (event.type === "ping") { mineOnly.send('{"type":"pong"}'); return; }
      if (event.seq) { if (event.seq <= after) return; after = event.seq; }
      heard(event);
    };
    mineOnly.onclose = function () {
      if (socket !== mineOnly) return;
      socket = undefined;
      silent = true;
      // A restart of the daemon takes a moment: the bar waits for it, so as not to flicker.
      if (!lost) lost = setTimeout(function () { one("#offline").hidden = false; }, 1500);
      var wait = Math.random() * Math.min(5000, 250 * Math.pow(2, tries++));
      setTimeout(retry, wait);
    };
  }
  function retry() { if (!socket) connect(); }
  if (body.dataset.socket) {
    connect();
    ends();
    setInterval(function () { ends(); if (!typing()) release(); }, 1000);
    window.addEventListener("online", retry);
    window.addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });
    document.addEventListener("visibilitychange", function () { if (!document.hidden) { ends(); retry(); } });
  }
})();
