// Puts one whole state on the glass. It never merges: every draw sets every
// part, so nothing of an earlier scene can stay behind. It knows nothing of
// sockets; display.js decides what may be shown.
(function () {
  'use strict';

  var root = document.documentElement;
  var texts = JSON.parse(byId('text').textContent);
  var words = texts.en;
  var language = 'en';
  var brand = {};
  var skew = 0; // server's clock minus ours, in milliseconds
  var modules = 0; // of the code shown, its quiet zone included
  var dark = window.matchMedia ? window.matchMedia('(prefers-color-scheme: dark)') : { matches: false };

  function byId(id) { return document.getElementById(id); }
  function put(id, text) { byId(id).textContent = text || ''; }
  // An amount must never break, wherever its spaces are.
  function whole(text) { return (text || '').replace(/ /g, '\u00a0'); }

  // draw shows a state: { view, cover, scene, pair, brand, sandbox }.
  function draw(state) {
    setBrand(state.brand || brand);
    clear();
    root.setAttribute('data-view', state.view);
    root.setAttribute('data-cover', state.cover || '');
    root.classList.toggle('sandbox', !!state.sandbox);
    views[state.view](state.scene || {}, state.pair || {}, state.cover);
    if (state.view === 'idle') { window.slides.play(brand.slides || []); } else { window.slides.stop(); }
    window.layout(modules);
    shift();
    tick();
  }

  function clear() {
    modules = 0;
    byId('card').textContent = '';
    ['greeting', 'heading', 'amount', 'what', 'big', 'sum', 'small', 'secure', 'other'].forEach(function (id) { put(id, ''); });
  }

  var views = {
    qr: function (s) {
      code(s.qr_svg);
      put('greeting', s.greeting ? words.hello.replace('{name}', s.greeting) : '');
      put('heading', words.scan);
      put('amount', whole(s.amount));
      what(s.title);
      foot();
    },
    again: function (s) { // failed, and the code may be scanned again
      code(s.qr_svg);
      put('heading', sentence(s.reason));
      put('amount', whole(s.amount));
      put('what', words.again);
      foot();
    },
    pair: function (s, p) {
      if (p.qr_svg) { code(p.qr_svg); }
      put('heading', words.pair);
      put('amount', p.code.slice(0, 3) + '\u2009' + p.code.slice(3));
      put('what', words.pair_how);
    },
    in_progress: function (s) {
      put('big', words.progress);
      put('sum', whole(s.amount));
      put('small', words.progress_more);
      foot();
    },
    paid: function (s) {
      put('sum', words.paid + '\u00a0');
      var sum = document.createElement('bdi');
      sum.textContent = whole(s.amount);
      byId('sum').appendChild(sum);
      put('small', words.thanks);
    },
    failed: function (s) { put('big', sentence(s.reason)); put('small', words.ask); },
    expired: function () { put('big', words.expired); put('small', words.ask); },
    closed: function (s) { put('big', words.closed); put('small', / /.test(s.reason || '') ? s.reason : words.closed_more); },
    quiet: function () {},
    idle: function () { put('big', brand.name || words.unnamed); },
    cover: function (s, p, why) {
      put('big', why === 'replaced' ? words.replaced : words.moment);
      put('small', why === 'replaced' ? words.replaced_more : why === 'lost' ? words.reconnecting : '');
    }
  };

  function foot() {
    put('secure', brand.provider ? words.secure_by.replace('{provider}', brand.provider) : words.secure);
    put('other', words.other);
  }

  // sentence turns a known word into one, and leaves a sentence as it is.
  function sentence(reason) {
    if (/^(declined|cancelled|expired|unavailable)$/.test(reason || '')) { return words[reason]; }
    return / /.test(reason || '') ? reason : words.failed;
  }

  // what sets the title; "+ 1 more" stays in the background, and stays whole
  // where the name before it has to be cut (see layout.js).
  function what(title) {
    var parts = /^(.*\S)(\s+\+\s*\d+\D*)$/.exec(title || '');
    if (!parts) {
      put('what', title);
      return;
    }
    var name = document.createElement('bdi'), rest = document.createElement('em');
    name.title = name.textContent = parts[1];
    rest.textContent = parts[2];
    byId('what').appendChild(name);
    byId('what').appendChild(rest);
  }

  // code rebuilds a drawing from its three facts instead of trusting markup:
  // an SVG of any other form is an error, and an error covers the screen.
  function code(svg) {
    var doc = new DOMParser().parseFromString(svg, 'image/svg+xml');
    var from = doc.documentElement;
    var path = from.querySelector('path');
    var box = /^0 0 (\d+) \1$/.exec(from.getAttribute('viewBox') || '');
    if (from.nodeName !== 'svg' || !path || !box) { throw new Error('the code is not a drawing of ours'); }
    modules = Number(box[1]);
    var ns = 'http://www.w3.org/2000/svg';
    var to = document.createElementNS(ns, 'svg');
    to.setAttribute('viewBox', box[0]);
    to.setAttribute('shape-rendering', 'crispEdges');
    to.setAttribute('role', 'img');
    to.setAttribute('aria-label', words.scan);
    [['M0 0h' + modules + 'v' + modules + 'H0z', '#fff'], [path.getAttribute('d'), '#000']].forEach(function (part) {
      var p = document.createElementNS(ns, 'path');
      p.setAttribute('d', part[0]);
      p.setAttribute('fill', part[1]);
      to.appendChild(p);
    });
    byId('card').appendChild(to);
  }

  // Brand: language, colours that stay readable, name.
  function setBrand(next) {
    brand = next;
    language = (next.language || navigator.language || 'en').slice(0, 2).toLowerCase();
    words = texts[language] || texts.en;
    if (!texts[language]) { language = 'en'; }
    root.lang = language;
    root.dir = words.dir;
    root.setAttribute('data-dark', next.dark || 'auto');
    put('name', next.name || words.unnamed);
    ['step1', 'step2', 'step3'].forEach(function (id) { put(id, words[id]); });
    put('ribbon-word', words.sandbox);
    put('ribbon-text', words.sandbox_more);
    colours();
  }

  function colours() {
    var night = brand.dark === 'dark' || (brand.dark !== 'light' && dark.matches);
    root.classList.toggle('night', night);
    var main = rgb(brand.colour) || rgb('#14514a');
    var ink = rgb(brand.ink);
    if (!ink || contrast(ink, main) < 4.5) {
      ink = readable(main);
    }
    // The same colour as text: mixed with the scheme's ink until it can be read.
    var ground = night ? [34, 31, 27] : [247, 244, 238];
    var toward = night ? [244, 239, 231] : [29, 27, 24];
    var read = main;
    for (var i = 1; i <= 10 && contrast(read, ground) < 4.5; i++) { read = mix(main, toward, i / 10); }
    set('--brand', css(main));
    set('--brand-ink', css(ink));
    set('--brand-read', css(read));
  }
  // readable is white or our ink, whichever is clearer, and black on the few
  // greys on which neither suffices.
  function readable(ground) {
    var white = [255, 255, 255], ink = [29, 27, 24], best = contrast(white, ground) >= contrast(ink, ground) ? white : ink;
    return contrast(best, ground) < 4.5 ? [0, 0, 0] : best;
  }
  function set(name, value) { root.style.setProperty(name, value); }
  function rgb(hex) {
    var m = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex || '');
    return m && [parseInt(m[1], 16), parseInt(m[2], 16), parseInt(m[3], 16)];
  }
  function css(c) { return 'rgb(' + c.join(',') + ')'; }
  function mix(a, b, t) { return a.map(function (v, i) { return Math.round(v + (b[i] - v) * t); }); }
  function light(c) {
    var l = c.map(function (v) { v /= 255; return v <= .03928 ? v / 12.92 : Math.pow((v + .055) / 1.055, 2.4); });
    return .2126 * l[0] + .7152 * l[1] + .0722 * l[2];
  }
  function contrast(a, b) {
    var x = light(a), y = light(b);
    return (Math.max(x, y) + .05) / (Math.min(x, y) + .05);
  }

  // The clock is the server's, in the location's zone.
  function tick() {
    var now = new Date(Date.now() + skew);
    var locale = language === 'en' ? 'en-GB' : language;
    var zone = brand.zone || undefined;
    var time, day;
    try {
      time = now.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', timeZone: zone });
      day = now.toLocaleDateString(locale, { weekday: 'long', day: 'numeric', month: 'long', timeZone: zone });
    } catch (e) { // a zone this old browser doesn't know: no clock rather than a wrong one
      time = day = '';
    }
    Array.prototype.forEach.call(document.querySelectorAll('.clock'), function (el) {
      if (el.textContent !== time) { el.textContent = time; }
    });
    if (byId('day').textContent !== day) { put('day', day); }
  }

  // A still picture burns into a screen: move it slowly, by a few pixels where
  // somebody reads, further where the same words stand for hours.
  function shift() {
    var minute = Math.floor(Date.now() / 60000), reach = Math.max(2, Math.round(window.innerHeight / 250));
    if (/^(idle|closed|quiet)$/.test(root.getAttribute('data-view')) && !(brand.slides || []).length) {
      reach = Math.max(reach, Math.round(Math.min(window.innerWidth, window.innerHeight) / 32));
    }
    var x = Math.round(Math.sin(minute * .21) * reach), y = Math.round(Math.cos(minute * .17) * reach);
    byId('stage').style.transform = 'translate(' + x + 'px,' + y + 'px)';
    // A single slide hangs for hours as well: a little smaller, it has room to move.
    var slides = byId('slides'), room = Math.min(slides.offsetWidth, slides.offsetHeight) / 70;
    slides.style.transform = 'translate(' + Math.sin(minute * .21) * room + 'px,' + Math.cos(minute * .17) * room + 'px) scale(.97)';
  }

  var flashing = 0;
  function flash(name) {
    put('flash', name || words.unnamed);
    byId('flash').classList.add('on');
    window.layout();
    clearTimeout(flashing);
    flashing = setTimeout(function () { byId('flash').classList.remove('on'); }, 5000);
  }

  // Two soft notes. Browsers that forbid sound before a touch stay silent.
  function chime() {
    var Context = window.AudioContext || window.webkitAudioContext;
    if (!brand.sound || !Context) { return; }
    try {
      var audio = new Context();
      [[660, 0], [880, .16]].forEach(function (n) {
        var tone = audio.createOscillator(), level = audio.createGain(), at = audio.currentTime + n[1];
        tone.frequency.value = n[0];
        level.gain.setValueAtTime(.0001, at);
        level.gain.exponentialRampToValueAtTime(.2, at + .03);
        level.gain.exponentialRampToValueAtTime(.0001, at + .6);
        tone.connect(level);
        level.connect(audio.destination);
        tone.start(at);
        tone.stop(at + .7);
      });
      setTimeout(function () { audio.close(); }, 1500);
    } catch (e) { /* a screen without a speaker has still been paid at */ }
  }

  window.addEventListener('resize', function () { window.layout(); });
  if (dark.addEventListener) { dark.addEventListener('change', colours); } else if (dark.addListener) { dark.addListener(colours); }
  if (document.fonts && document.fonts.ready) { document.fonts.ready.then(function () { window.layout(); }); }
  setInterval(tick, 1000);
  setInterval(shift, 60000);

  window.paint = {
    draw: draw, flash: flash, chime: chime,
    knows: function (view) { return views.hasOwnProperty(view); },
    clock: function (sentAt) { var t = Date.parse(sentAt); if (!isNaN(t)) { skew = t - Date.now(); } }
  };
})();
