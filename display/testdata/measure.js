// Defines measure(drawing, brand): draws a state and returns what is wrong with
// the picture, in words. Only what a person would see is looked at: every piece
// of text where it really is, and the code.
window.measure = (function () {
  'use strict';

  // Words of others may be longer than any screen: these end in an ellipsis.
  var foreign = { name: 1, what: 1, greeting: 1 };
  var faults, edge;

  function fault(what) { if (faults.length < 6) { faults.push(what); } }
  function style(el) { return getComputedStyle(el); }
  function share(n, of) { return Math.round(100 * n / of) + '%'; }

  // pieces are the visible texts: node's element, its box, what hides in it.
  function pieces() {
    var walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [], node;
    while ((node = walk.nextNode())) {
      var el = node.parentElement;
      if (!node.data.trim() || /^(SCRIPT|NOSCRIPT|STYLE)$/.test(el.tagName) || style(el).visibility === 'hidden') { continue; }
      var range = document.createRange();
      range.selectNodeContents(node);
      var box = range.getBoundingClientRect();
      if (box.width) { found.push({ el: el, id: idOf(el), text: node.data, box: box, lines: range.getClientRects() }); }
    }
    return found;
  }
  function idOf(el) { return el.closest('[id]').id; }

  // clipped is the box cut by every ancestor that hides what flows over.
  function clipped(p) {
    var b = { left: p.box.left, top: p.box.top, right: p.box.right, bottom: p.box.bottom };
    for (var el = p.el; el && el !== document.body; el = el.parentElement) {
      if (style(el).overflowX === 'visible') { continue; }
      var r = el.getBoundingClientRect();
      b = { left: Math.max(b.left, r.left), top: Math.max(b.top, r.top), right: Math.min(b.right, r.right), bottom: Math.min(b.bottom, r.bottom) };
    }
    return b;
  }

  function channels(colour) { return colour.match(/[\d.]+/g).map(Number); }
  function over(top, below) {
    var a = top.length > 3 ? top[3] : 1;
    return [0, 1, 2].map(function (i) { return top[i] * a + below[i] * (1 - a); });
  }
  function light(c) {
    return [.2126, .7152, .0722].reduce(function (sum, weight, i) {
      var v = c[i] / 255;
      return sum + weight * (v <= .03928 ? v / 12.92 : Math.pow((v + .055) / 1.055, 2.4));
    }, 0);
  }

  // contrast of an element's text with what is behind it, opacity and all.
  function contrast(el) {
    var opacity = 1, grounds = [];
    for (var e = el; e; e = e.parentElement) {
      opacity *= Number(style(e).opacity);
      grounds.unshift(channels(style(e).backgroundColor));
    }
    var ground = grounds.reduce(function (below, top) { return over(top, below); }, [255, 255, 255]);
    var ink = channels(style(el).color);
    var a = light(over([ink[0], ink[1], ink[2], (ink.length > 3 ? ink[3] : 1) * opacity], ground)), b = light(ground);
    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  }

  function text(p) {
    var size = parseFloat(style(p.el).fontSize), weight = Number(style(p.el).fontWeight), b = clipped(p);
    var name = p.id + ' “' + p.text.slice(0, 24) + '”';
    if (b.left < -.5 || b.top < -.5 || b.right > innerWidth + .5 || b.bottom > innerHeight + .5) { fault(name + ' leaves the screen'); }
    var hidden = Math.max(b.left - p.box.left, b.top - p.box.top, p.box.right - b.right, p.box.bottom - b.bottom);
    if (hidden > 1.5 && !(foreign[p.id] && /^(qr|idle)$/.test(document.documentElement.dataset.view) || p.id === 'name')) { fault(name + ' is cut by ' + Math.round(hidden)); }
    var ratio = contrast(p.el), least = size >= 24 || size >= 18.66 && weight >= 700 ? 3 : 4.5;
    if (ratio < least) { fault(name + ' has a contrast of ' + ratio.toFixed(2)); }
    if (size < Math.max(11, .019 * edge)) { fault(name + ' is ' + size.toFixed(1) + ' px high'); }
    p.clip = b;
  }

  // apart holds that no text lies over another's, nor over the code's card.
  function apart(all) {
    var boxes = all.map(function (p) { return { id: p.id, b: p.clip, slack: .12 * parseFloat(style(p.el).fontSize) }; });
    var card = document.getElementById('card');
    if (card.offsetWidth) { boxes.push({ id: 'card', b: card.getBoundingClientRect(), slack: 0 }); }
    boxes.forEach(function (one, i) {
      boxes.slice(i + 1).forEach(function (two) {
        if (one.id === two.id || document.getElementById('flash').contains(document.getElementById(two.id))) { return; }
        var x = Math.min(one.b.right, two.b.right) - Math.max(one.b.left, two.b.left);
        var y = Math.min(one.b.bottom, two.b.bottom) - Math.max(one.b.top, two.b.top);
        var spare = one.slack + two.slack + 1;
        if (x > 1 && y > spare) { fault(one.id + ' lies over ' + two.id + ' by ' + Math.round(y)); }
      });
    });
  }

  // amounts stand in one line, whole, and are the largest thing said.
  function amounts(all) {
    ['amount', 'sum'].forEach(function (id) {
      var el = document.getElementById(id);
      if (!el.offsetWidth) { return; }
      all.filter(function (p) { return p.id === id; }).forEach(function (p) {
        if (p.lines.length && p.lines[p.lines.length - 1].top - p.lines[0].top > 2) { fault(id + ' breaks'); }
      });
      var most = Math.max.apply(null, all.filter(function (p) { return p.id !== id; }).map(function (p) { return parseFloat(style(p.el).fontSize); }));
      if (parseFloat(style(el).fontSize) < most) { fault(id + ' is smaller than what is said around it'); }
      if (parseFloat(style(el).fontSize) < .05 * edge) { fault(id + ' is only ' + style(el).fontSize + ' high'); }
    });
  }

  // more holds that of several services, that there are more can be read.
  function more() {
    var rest = document.querySelector('#what em'), what = document.getElementById('what').getBoundingClientRect();
    if (rest && what.height && rest.getBoundingClientRect().bottom > what.bottom + 2) { fault('that there are more services is cut'); }
  }

  function code() {
    var svg = document.querySelector('#card svg');
    if (!svg) { return; }
    var r = svg.getBoundingClientRect(), card = document.getElementById('card').getBoundingClientRect();
    var modules = Number(svg.getAttribute('viewBox').split(' ')[2]), pixels = r.width * devicePixelRatio / modules;
    var least = innerHeight >= 1.2 * innerWidth ? .8 : .6;
    if (r.width < least * edge - .5) { fault('the code has ' + share(r.width, edge) + ' of the shorter edge'); }
    if (Math.abs(pixels - Math.round(pixels)) > .01) { fault('a module has ' + pixels + ' pixels'); }
    if (card.left < 0 || card.top < 0 || card.right > innerWidth || card.bottom > innerHeight) { fault('the card leaves the screen'); }
    if (r.left < card.left || r.top < card.top || r.right > card.right + .5 || r.bottom > card.bottom + .5) { fault('the code leaves its card'); }
    if (style(document.getElementById('card')).backgroundColor !== 'rgb(255, 255, 255)') { fault('the card is not white'); }
    quiet(svg, r, modules);
  }

  // quiet holds that four white modules surround the code, that nothing lies
  // on it, and that it is black.
  function quiet(svg, r, modules) {
    var path = svg.lastChild.getBBox(), right = modules - path.x - path.width, below = modules - path.y - path.height;
    if (Math.min(path.x, path.y, right, below) < 4) { fault('the quiet zone is narrower than four modules'); }
    if (style(svg.firstChild).fill !== 'rgb(255, 255, 255)' || style(svg.lastChild).fill !== 'rgb(0, 0, 0)') { fault('the code is not black on white'); }
    for (var e = svg; e; e = e.parentElement) {
      if (style(e).opacity !== '1' || style(e).filter !== 'none' || style(e).mixBlendMode !== 'normal') { fault('the code is not quite there'); }
    }
    for (var i = 0; i < 36; i++) {
      var at = document.elementFromPoint(r.left + r.width * (i % 6 + .02) / 5.05, r.top + r.height * (Math.floor(i / 6) + .02) / 5.05);
      if (!at || !svg.contains(at)) { fault('something lies on the code'); return; }
    }
  }

  function scrolls() {
    var box = document.scrollingElement, moved = document.getElementById('stage').style.transform.match(/-?\d+/g).map(Math.abs);
    if (style(box).overflow !== 'hidden') { fault('there may be scroll bars'); }
    if (box.scrollWidth > innerWidth + moved[0] || box.scrollHeight > innerHeight + moved[1]) { fault('something is outside the page'); }
  }

  return function (drawing, brand) {
    faults = [];
    edge = Math.min(innerWidth, innerHeight);
    drawing.brand = brand;
    document.getElementById('flash').classList.remove('on');
    window.paint.draw(drawing);
    if (drawing.flash) { window.paint.flash(drawing.flash); }
    var all = pieces();
    if (drawing.flash) { all = all.filter(function (p) { return p.id === 'flash'; }); }
    all.forEach(text);
    apart(all);
    if (!drawing.flash) { amounts(all); more(); code(); }
    scrolls();
    return faults;
  };
})();
