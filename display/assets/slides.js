// Shows the location's pictures one after another while the display is idle.
// Two images take turns, so that one is on the glass until the next has been
// decoded, and a display that runs for weeks holds no more than two.
(function () {
  'use strict';

  var box = document.getElementById('slides');
  var frames = box.getElementsByTagName('img');
  var list = [];      // { src, seconds }
  var at = 0, front = 0;
  var timer = 0, turn = 0; // of the picture that is being loaded; any other is late

  function same(a, b) { return JSON.stringify(a) === JSON.stringify(b); }

  // play goes on where it was if the pictures are the same ones.
  function play(next) {
    if (timer && same(list, next)) { return; }
    stop();
    list = next;
    if (list.length) { load(0); }
  }

  function stop() {
    clearTimeout(timer);
    timer = 0;
    turn++;
    document.documentElement.classList.remove('sliding');
    Array.prototype.forEach.call(frames, function (img) {
      img.classList.remove('on');
      img.onload = img.onerror = null;
      img.removeAttribute('src');
    });
  }

  function load(failed) {
    if (failed >= list.length) { // none can be had: the idle look, and another try
      document.documentElement.classList.remove('sliding');
      timer = setTimeout(load, 30000, 0);
      return;
    }
    var mine = ++turn, slide = list[at++ % list.length], img = frames[1 - front];
    img.onload = function () { if (mine === turn) { show(img, slide); } };
    img.onerror = function () { if (mine === turn) { load(failed + 1); } };
    timer = timer || 1;
    img.src = slide.src;
  }

  function show(img, slide) {
    frames[front].classList.remove('on');
    img.classList.add('on');
    front = 1 - front;
    document.documentElement.classList.add('sliding');
    if (list.length > 1) { timer = setTimeout(load, Math.max(3, slide.seconds) * 1000, 0); }
  }

  window.slides = { play: play, stop: stop };
})();
