// Keeps this screen true. Its rules, in the order in which they matter:
//  - a code is on the glass only while the daemon is heard: nothing valid for
//    6 s, or 1 s after a close, and it is covered and taken out of the page;
//  - frames count only from the current socket, in the order of their numbers,
//    and each replaces everything;
//  - "shown" is said after the browser has painted, not before;
//  - the connection is sought for ever.
// Nothing is ever stored in the browser.
(function () {
  'use strict';

  var LEASE = 6000, GRACE = 1000, CONNECT = 4000, POLL = 2000, PAID = 8000, LATE = 4000;
  var root = document.documentElement;
  var socket = null;      // the current one; any other is ignored
  var started = mark();   // when it was begun
  var attempts = 0;       // since the last valid frame
  var wait = 0, waiting = mark();
  var live = null;        // the socket that delivered the last frame
  var lost = null;        // when that one was closed
  var heard = mark();     // the last valid frame
  var fresh = mark();     // when the current socket was begun, opened or last spoke
  var state = null;       // what is drawn; null: covered
  var drawn = mark();
  var shown = null;       // { epoch, seq } last painted, for the poll
  var polling = null, polled = mark();
  var swift = Infinity;   // the daemon's clock to this machine's, by the quickest frame
  var me = name();        // which of several places this is
  var over = false;       // replaced: this page has no more say
  var stale = false;      // wants to be loaded again
  var paired = false;     // has shown a scene since it was loaded
  var loaded = mark();
  var brand = null, sandbox = false;

  // Both clocks, and the larger gap: one may stand still while a tablet
  // sleeps, the other may be set.
  function mark() { return { p: performance.now(), d: Date.now() }; }
  function since(m) { return Math.max(performance.now() - m.p, Date.now() - m.d); }

  function name() { return Math.random().toString(36).slice(2, 14) + 'page'; }

  function cover(why) {
    if (!state && root.getAttribute('data-cover') === why) { return; }
    state = null;
    shown = null;
    window.paint.draw({ view: 'cover', cover: why, brand: brand, sandbox: sandbox });
  }

  // lose covers after contact broke, but lets a thank-you finish: there is no
  // code on it.
  function lose() {
    if (state && state.view === 'paid' && since(drawn) < PAID) { return; }
    cover('lost');
  }

  function show(next) {
    var before = state && state.view;
    brand = next.brand || brand;
    sandbox = !!next.sandbox;
    state = next;
    drawn = mark();
    window.paint.draw(next);
    if (before !== next.view && next.view === 'paid') { window.paint.chime(); }
  }

  // viewOf is how a frame is to be drawn, or null if it can't be.
  function viewOf(f) {
    var s = f.scene;
    if (f.type === 'pair') { return typeof f.code === 'string' && f.code ? 'pair' : null; }
    if (typeof f.seq !== 'number' || typeof f.epoch !== 'string' || !s || typeof s.kind !== 'string') { return null; }
    if (s.kind === 'qr' && !(s.qr_svg && s.amount)) { return null; }
    if (s.kind === 'failed' && s.qr_svg) { return 'again'; }
    if (s.kind === 'idle' && s.quiet) { return 'quiet'; }
    return /^(idle|qr|in_progress|paid|failed|closed)$/.test(s.kind) ? s.kind : null;
  }

  function older(f) { return state && state.epoch === f.epoch && f.seq < state.seq; }

  // onState takes the daemon's word, which was true at a moment: that of its
  // arrival where nothing can have waited, and that of the question of a poll.
  function onState(f, from, at) {
    var view = viewOf(f);
    if (older(f)) { return; }
    if (f.type === 'pair' && paired) { // revoked: the next page gets another key, lest a copy of this one be paired again
      paired = false;
      location.reload();
    }
    if (f.type === 'scene') { paired = true; }
    heard = at;
    lost = null;
    attempts = 0;
    if (f.build && f.build !== root.getAttribute('data-build')) { stale = true; }
    if (from) { live = from; }
    if (!state || state.seq !== f.seq || state.epoch !== f.epoch) { show(stateOf(f, view)); }
    if (f.type === 'scene' && !/^(cover|expired)$/.test(state.view)) { acknowledge(state, from); }
  }

  function stateOf(f, view) {
    var s = f.scene || {};
    if (coded(view) && f.ttl_ms <= 0) { view = 'expired'; }
    return {
      // A kind this page doesn't know: nothing is better than a guess.
      view: view || 'cover', cover: view ? '' : 'unknown',
      scene: s, pair: f, brand: s.brand || f.brand, sandbox: s.sandbox, epoch: f.epoch, seq: f.seq,
      until: typeof f.ttl_ms === 'number' ? { at: mark(), ms: f.ttl_ms } : null
    };
  }

  function coded(view) { return view === 'qr' || view === 'again'; }

  // acknowledge after the second animation frame: the first is before the
  // paint, the second after it. A hidden page gets none, and says nothing.
  function acknowledge(what, from) {
    if (!from && document.hidden) { return; } // the next poll asks again
    requestAnimationFrame(function () {
      requestAnimationFrame(function () {
        if (state !== what) { return; }
        shown = { epoch: what.epoch, seq: what.seq };
        if (from && from === socket) { say({ type: 'shown', seq: what.seq, epoch: what.epoch }); }
      });
    });
  }

  function onFrame(f, from) {
    if (f.sent_at) { window.paint.clock(f.sent_at); }
    switch (f.type) {
      case 'scene':
      case 'pair':
        onState(f, from, mark());
        break;
      case 'ping':
        if (!state || f.seq !== state.seq || f.epoch !== state.epoch) { // something was missed: begin again
          drop(0);
          break;
        }
        heard = mark();
        say({ type: 'pong', sent_at: f.sent_at });
        break;
      case 'identify':
        window.paint.flash(f.name);
        break;
      case 'reload':
        stale = true;
        break;
      case 'bye':
        if (f.reason === 'replaced') {
          say({ type: 'replaced' }); // still open: the newer one is another place
          leave();
        } else {
          drop(250 + Math.random() * 750);
        }
    }
  }

  // leave is giving way to a page in another place, for good.
  function leave() {
    over = true;
    drop(0);
    cover('replaced');
  }

  function say(message) {
    if (socket && socket.readyState === 1) { socket.send(JSON.stringify(message)); }
  }

  function hello() { say({ type: 'hello', width: window.innerWidth, height: window.innerHeight, build: root.getAttribute('data-build'), page: me }); }

  function connect() {
    var s;
    started = mark();
    attempts++;
    try {
      s = new WebSocket(location.protocol.replace('http', 'ws') + '//' + location.host + '/display/ws?page=' + me, 'countersign.display.v1');
    } catch (e) {
      retry(backoff());
      return;
    }
    socket = s;
    fresh = started;
    s.onopen = function () {
      if (s !== socket) { return; }
      if (since(fresh) > LEASE) { drop(0); return; }
      fresh = mark();
      hello();
    };
    s.onmessage = function (m) {
      if (s !== socket) { return; }
      if (since(fresh) > LEASE) { // it waited while this machine stood still: no word of now
        lose();
        drop(0);
        return;
      }
      fresh = mark();
      var f = read(m.data);
      if (!f) { drop(backoff()); return; }
      if (late(f)) {
        swift = Infinity; // it may be that the daemon's clock was set
        lose();
        drop(0);
        return;
      }
      onFrame(f, s);
    };
    s.onclose = s.onerror = function () { if (s === socket) { drop(backoff()); } };
  }

  function read(text) {
    try {
      var f = JSON.parse(text);
      return f && typeof f.type === 'string' ? f : null;
    } catch (e) {
      return null;
    }
  }

  // late tells whether a frame took far longer to come than the quickest one:
  // a line that grows slower and slower is never silent. Clocks may
  // differ by any time, and drift apart by a thousandth.
  function late(f) {
    var took = performance.now() - Date.parse(f.sent_at);
    if (isNaN(took)) { return false; }
    swift = Math.min(swift + 2, took);
    return took - swift > LATE;
  }

  // drop leaves the current socket, whatever state it is stuck in.
  function drop(pause) {
    var s = socket;
    socket = null;
    if (s) {
      s.onopen = s.onmessage = s.onclose = s.onerror = null;
      try { s.close(); } catch (e) { /* it was never open */ }
      if (s === live) { lost = mark(); }
      live = null;
    }
    retry(pause);
  }

  function retry(pause) { wait = pause; waiting = mark(); }

  // backoff is full jitter between a quarter second and a limit that doubles
  // up to five; after a connection that had lasted, the first try is at once.
  function backoff() {
    if (attempts === 0 && since(started) > 5000) { return 0; }
    return 250 + Math.random() * (Math.min(5000, 500 * Math.pow(2, attempts)) - 250);
  }

  // poll stands in where something between us and the daemon blocks sockets.
  function poll() {
    var x = new XMLHttpRequest(), asked = mark();
    polling = x;
    polled = asked;
    x.open('GET', '/display/state?width=' + window.innerWidth + '&height=' + window.innerHeight + '&page=' + me + '&build=' + root.getAttribute('data-build') +
      (shown ? '&shown=' + shown.seq + '&epoch=' + encodeURIComponent(shown.epoch) : ''));
    x.timeout = CONNECT;
    x.onloadend = function () {
      if (polling !== x || over) { return; }
      polling = null;
      if (x.status === 401 && since(loaded) > 10000) { location.reload(); }
      // Late, since this machine stood still; or overtaken by what was heard meanwhile.
      if (x.status !== 200 || live || since(asked) > LEASE || since(asked) > since(heard)) { return; }
      var f = read(x.responseText);
      if (f && /^(scene|pair|bye|identify)$/.test(f.type)) { onPolled(f, asked); } // else somebody else answered
    };
    x.send();
  }

  function onPolled(f, asked) {
    var tries = attempts; // a poll that works doesn't mean that sockets do
    window.paint.clock(f.sent_at);
    if (f.type === 'bye') {
      leave();
    } else if (f.type === 'identify') {
      window.paint.flash(f.name);
    } else {
      onState(f, null, asked);
      attempts = tries;
    }
  }

  function watch() {
    if (over) { return; }
    if (lost && since(lost) > GRACE) { lose(); }
    if (since(heard) > LEASE) {
      lose();
      if (socket && socket.readyState !== 0 && since(fresh) > LEASE) { drop(0); }
    }
    if (state && state.until && since(state.until.at) >= state.until.ms && coded(state.view)) {
      show({ view: 'expired', brand: brand, sandbox: sandbox, epoch: state.epoch, seq: state.seq });
    }
    if (socket && socket.readyState !== 1 && since(started) > CONNECT) { drop(backoff()); }
    if (!socket && since(waiting) >= wait) { connect(); }
    if (attempts >= 3 && !(socket && socket.readyState === 1) && !polling && since(polled) >= POLL) { poll(); }
    if (stale && since(loaded) > 30000 && since(heard) < LEASE && (!state || /^(idle|closed|pair|cover)$/.test(state.view))) {
      location.reload();
    }
  }

  // now is what waking up, coming back online or being looked at again do.
  function now() {
    if (over) { return; }
    watch();
    if (!document.hidden && !socket) { retry(0); watch(); }
    awake();
  }

  // awake keeps the screen from sleeping. The browser takes the lock away from a
  // page that is hidden, and when the battery is low: ask again later.
  var lock = null;
  function awake() {
    if (lock || !navigator.wakeLock || document.hidden) { return; }
    lock = navigator.wakeLock.request('screen');
    lock.then(function (held) { held.addEventListener('release', asleep); }).catch(asleep);
  }
  function asleep() {
    lock = null;
    setTimeout(awake, 60000);
  }

  window.addEventListener('error', function (e) {
    say({ type: 'error', text: String(e.message).slice(0, 200) });
    drop(2000);
    cover('error');
  });
  window.addEventListener('pageshow', function (e) {
    if (e.persisted) { // out of the back-forward cache: what is on the glass is from then
      cover('lost');
      drop(0);
      polling = null;
      me = name();
    }
    now();
  });
  document.addEventListener('freeze', function () { // the last moment to take a code off the glass
    cover('lost');
    drop(0);
  });
  window.addEventListener('online', now);
  document.addEventListener('resume', now);
  document.addEventListener('visibilitychange', now);
  document.addEventListener('click', function () { if (over) { location.reload(); } });
  var resized = 0;
  window.addEventListener('resize', function () { clearTimeout(resized); resized = setTimeout(hello, 500); });

  cover('connecting');
  connect();
  setInterval(watch, 250);
  awake();
})();
