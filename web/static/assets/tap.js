// What a finger presses is what it was put on. Pages refresh by themselves, and a control
// that moves away under a finger puts another one in its place.
(function () {
  "use strict";
  var body = document.body, lifting, settled, strange = false, came = [];
  var HELD = 3000, CLICK = 400, REACTION = 300; // ms: a finger that never lifts, a click after it did, and how long people take to see what came

  function control(part) { return part && part.closest ? part.closest("button, summary, label, a[href], input[type=checkbox], input[type=radio]") : null; }
  function meaning(part) {
    if (!part) return "";
    var to = ["id", "hx-post", "hx-get", "href", "formaction", "value"].map(function (name) { return part.getAttribute(name) || ""; });
    return to.concat(part.form ? part.form.getAttribute("action") : "", part.textContent.trim()).join("\n");
  }
  function within(box, x, y) { return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom; }
  function itself(about) {
    var cause = about.requestConfig && about.requestConfig.triggeringEvent;
    return cause && /^desk:/.test(cause.type);
  }

  // ---- while a finger is down, nothing refreshes by itself (desk.js asks for data-pressed)
  function hold(time) {
    clearTimeout(lifting);
    body.setAttribute("data-pressed", "");
    lifting = setTimeout(lift, time);
  }
  function lift() {
    clearTimeout(lifting);
    if (!body.hasAttribute("data-pressed")) return;
    body.removeAttribute("data-pressed");
    body.dispatchEvent(new Event("desk:lifted"));
  }
  document.addEventListener("pointerdown", function (event) {
    hold(HELD);
    var now = control(event.target);
    strange = Boolean(now) && came.some(function (was) { return within(was.box, event.clientX, event.clientY) && was.meant !== meaning(now); });
  }, true);
  document.addEventListener("pointerup", function () { hold(CLICK); }, true);
  document.addEventListener("pointercancel", lift, true);
  document.addEventListener("click", function (event) {
    setTimeout(lift, 0);
    if (!strange || !event.detail) return; // a key presses what has the focus
    strange = false;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  // ---- what came where another control had been can't be meant yet
  var stood = [];
  body.addEventListener("htmx:beforeSwap", function (event) {
    stood = [];
    if (!event.detail.shouldSwap || !itself(event.detail)) return;
    stood = Array.prototype.map.call(event.detail.target.querySelectorAll("button, summary, label, a[href]"), function (part) {
      return { box: part.getBoundingClientRect(), meant: meaning(part) };
    });
  });
  body.addEventListener("htmx:afterSwap", function () {
    came = stood.filter(function (was) { return was.box.width > 0; });
    stood = [];
    if (!came.length) return;
    clearTimeout(settled);
    settled = setTimeout(function () { came = []; }, REACTION);
  });
})();
