// The client's phone. Every page works without this; with it, a scanned page goes on by
// itself, and a page that waits moves on when there is news.
(function () {
  "use strict";
  function one(selector) { return document.querySelector(selector); }
  var main = one("main");

  // ---- a scanned page: once a person sees it, it goes on. Never before: a preview or a
  // scanner loads pages nobody looks at, and no GET may start a payment.
  var begun = false;
  function busy(on) {
    var form = one("form.go");
    one("[data-idle]").hidden = on;
    one("[data-busy]").hidden = !on;
    one("form.go button").disabled = on;
    if (on) form.setAttribute("aria-busy", "true"); else form.removeAttribute("aria-busy");
  }
  function failed(text) {
    var note = one("[data-failed]");
    if (text) note.querySelector("span").textContent = text;
    note.hidden = false;
    busy(false);
  }
  function open() {
    if (begun || document.visibilityState !== "visible") return;
    begun = true;
    busy(true);
    fetch(main.dataset.open, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: "{}" })
      .then(function (answer) { return answer.json().then(function (said) { return { ok: answer.ok, status: answer.status, said: said }; }); })
      .then(function (got) {
        if (got.ok && got.said.redirect) location.replace(got.said.redirect);
        else if (got.status === 409) location.reload(); // paid, or nothing due: the page says it better
        else failed("");
      })
      .catch(function () { failed(""); });
  }
  if (main && main.hasAttribute("data-auto")) {
    // Come back from the provider's page: the person decides whether to go on again.
    var back = performance.getEntriesByType && performance.getEntriesByType("navigation")[0];
    if (!back || back.type !== "back_forward") {
      document.addEventListener("visibilitychange", open);
      open();
    }
    window.addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });
  }

  // ---- a page that waits asks, quickly at first, then less often, and only while seen
  var pause = 1500;
  function ask(address, news) {
    setTimeout(function () {
      if (document.visibilityState !== "visible") { ask(address, news); return; }
      fetch(address, { credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json" } })
        .then(function (answer) { return answer.ok ? answer.json() : {}; })
        .then(function (said) { if (!news(said)) later(); }, later);
    }, pause);
    function later() { pause = Math.min(8000, pause * 1.15); ask(address, news); }
  }
  document.addEventListener("visibilitychange", function () { pause = 1500; });
  if (main && main.dataset.poll) ask(main.dataset.poll, function (said) {
    if (!said.state || said.state === main.dataset.state) return false;
    location.reload();
    return true;
  });
  // At a printed code the answer comes when the desk shows a visit. One that comes at
  // once has no room to wait, and is asked for again like any other.
  function wait(address) {
    if (document.visibilityState !== "visible") { setTimeout(wait, 500, address); return; }
    var asked = Date.now();
    fetch(address + "?wait=1", { credentials: "same-origin", cache: "no-store", headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : {}; })
      .then(function (said) {
        if (said.url) location.replace(said.url);
        else setTimeout(wait, Date.now() - asked > 5000 ? 0 : 1500, address);
      })
      .catch(function () { setTimeout(wait, 1500, address); });
  }
  if (main && main.dataset.desk) wait(main.dataset.desk);

  var print = one("[data-print]");
  if (print) { print.hidden = false; print.addEventListener("click", function () { window.print(); }); }
})();
