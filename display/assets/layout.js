// Sizes everything from the screen: the shape of the picture, the unit that all
// lengths are multiples of, the code in whole device pixels a module, and words
// to the room there is.
(function () {
  'use strict';

  var root = document.documentElement;
  var modules = 0; // of the code shown, its quiet zone included

  var spared = ['snug', 'brief', 'tight', 'bare']; // what goes where there is too little room, in this order

  function byId(id) { return document.getElementById(id); }
  function set(name, value) { root.style.setProperty(name, value + 'px'); }
  function mark(name, on) { root.classList.toggle(name, !!on); }

  // shapeOf is how a screen is divided: a strip has the code over its whole
  // height, a wide one two columns, a tall one everything below one another,
  // and what is nearly square a row of words above the code.
  function shapeOf(w, h) {
    if (w >= 2.6 * h) { return 'strip'; }
    if (w >= 1.3 * h) { return 'wide'; }
    return h >= 1.2 * w ? 'tall' : 'square';
  }

  var units = {
    strip: function (w, h) { return Math.min(h / 84, w / 210); },
    wide: function (w, h) { return Math.min(h / 100, w / 140); },
    tall: function (w, h) { return Math.min(w / 80, h / 142); },
    square: function (w, h) { return Math.min(w, h) / 100; }
  };
  // The code's edge: what is wished for, and what it must have to be scanned
  // from two metres.
  var edges = {
    strip: function (w, h, u) { return [h - 10 * u, .6 * h]; },
    wide: function (w, h) { return [Math.max(.62 * h, Math.min(.74 * h, .43 * w)), .6 * h]; },
    tall: function (w) { return [.85 * w, .8 * w]; },
    square: function (w, h, u) { return [Math.min(.84 * w, Math.max(.62 * Math.min(w, h), h - 36 * u)), .6 * Math.min(w, h)]; }
  };

  // all lays the page out for a code of so many modules; without a number, for
  // the one it was laid out for.
  function all(count) {
    if (typeof count === 'number') { modules = count; }
    var w = window.innerWidth, h = window.innerHeight, shape = shapeOf(w, h), u = units[shape](w, h);
    ['strip', 'wide', 'tall', 'square'].forEach(function (name) { mark(name, name === shape); });
    mark('coded', modules);
    ['short', 'full'].concat(spared).forEach(function (name) { mark(name, false); });
    // Screens of few pixels are small ones, and looked at from as far away.
    var small = Math.min(w, h) < 400 ? 1.4 : Math.min(w, h) < 620 ? 1.14 : 1;
    var ribbon = root.classList.contains('sandbox') ? Math.round(u * 4.2 * small) : 0;
    set('--u', u);
    set('--s', u * small);
    set('--ribbon', ribbon);
    var edge = edges[shape](w, h - ribbon, u);
    set('--code', crisp(edge[0], shape === 'tall' ? edge[1] : edge[1] * h / (h - ribbon)));
    words();
    foot();
    crowd();
  }

  // foot leaves out who the payment is secured by where the line would break.
  function foot() {
    var line = document.querySelector('footer');
    mark('short', line.scrollWidth > line.clientWidth + 1);
  }

  // crisp is the largest edge within what is wished that gives each module the
  // same whole number of device pixels, or the smallest one that suffices.
  function crisp(wish, least) {
    var ratio = window.devicePixelRatio || 1, step = modules / ratio;
    if (!modules) { return wish; }
    var edge = Math.floor(wish / step + .01) * step;
    return edge >= least ? edge : Math.ceil(least / step - .01) * step;
  }

  function words() {
    var room = inner(byId('said'));
    if (root.classList.contains('tall')) { room = byId('scan').clientWidth; }
    if (root.classList.contains('square') && modules) { room *= .52; }
    if (root.classList.contains('strip') && modules) { room -= byId('steps').offsetWidth + 8 * sizeOf(document.body) / 3; }
    fit(byId('amount'), room);
    abridge(byId('what'));
    fit(byId('sum'), byId('middle').clientWidth * .97);
    shrink(byId('big'), 3);
    shrink(byId('flash'), 3);
  }

  // fit makes a line that may not break as small as its room demands.
  function fit(el, room) {
    el.style.fontSize = '';
    var width = el.offsetWidth;
    if (width > room && room > 0) { el.style.fontSize = Math.floor(sizeOf(el) * room / width * 10) / 10 + 'px'; }
  }

  // shrink makes words smaller until they take so many lines at most and no
  // word has to be broken; one that is longer than any screen still is.
  function shrink(el, lines) {
    el.style.fontSize = '';
    el.style.overflowWrap = 'normal';
    for (var i = 0; i < 14 && el.offsetWidth && !suits(el, lines); i++) {
      el.style.fontSize = Math.floor(sizeOf(el) * 9.2) / 10 + 'px';
    }
    el.style.overflowWrap = '';
  }

  function suits(el, lines) {
    var range = document.createRange();
    range.selectNodeContents(el);
    var r = range.getBoundingClientRect();
    return r.width <= inner(el) + 1 && Math.round(r.height / parseFloat(getComputedStyle(el).lineHeight)) <= lines;
  }

  // inner is the width between an element's paddings.
  function inner(el) {
    var style = getComputedStyle(el);
    return el.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  }

  // abridge leaves out the last words of a name until what comes after it is
  // seen.
  function abridge(el) {
    var name = el.querySelector('bdi');
    if (!name) { return; }
    var left = name.title.split(' ');
    name.textContent = name.title;
    while (left.length > 1 && el.scrollHeight > el.clientHeight + 1) {
      left.pop();
      name.textContent = left.join(' ') + '…';
    }
  }

  function sizeOf(el) { return parseFloat(getComputedStyle(el).fontSize); }

  // crowd takes away what can be spared, the least needed first, until the
  // words have room beside or around the code.
  function crowd() {
    mark('full', root.classList.contains('wide') && byId('card').offsetHeight > room());
    for (var i = 0; i < spared.length && modules && need() > room(); i++) {
      mark(spared[i], true);
      words();
    }
  }

  // room is the height between the name above and the line below.
  function room() {
    var below = document.querySelector('footer').getBoundingClientRect();
    var end = below.height ? below.top : byId('stage').getBoundingClientRect().bottom - parseFloat(getComputedStyle(byId('stage')).paddingBottom);
    return end - document.querySelector('header').getBoundingClientRect().bottom;
  }

  // need is the height that the words take, and the code where it is among them.
  function need() {
    var top = Infinity, bottom = -Infinity, sum = 0, tall = root.classList.contains('tall'), gap = sizeOf(document.body);
    Array.prototype.slice.call(byId('said').children).concat(byId('card')).forEach(function (el) {
      var r = el.getBoundingClientRect();
      if (!r.height) { return; }
      sum += r.height + .3 * gap;
      if (el.id === 'card' && !tall) { return; }
      top = Math.min(top, r.top);
      bottom = Math.max(bottom, r.bottom);
    });
    if (tall) { return sum + gap; }
    return bottom - top + gap + (root.classList.contains('square') ? byId('card').offsetHeight : 0);
  }

  window.layout = all;
})();
