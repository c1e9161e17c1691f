/* Keying paper forms: a box that is full passes the cursor on. Without this file the Tab key does it.
   Must run in Chrome 61; staff on Windows 7 have Chrome 109, the last one made for it. */
(function () {
  "use strict";

  var boxes = Array.prototype.slice.call(document.querySelectorAll(".key .field__input"));
  var moves = { ArrowUp: -1, ArrowDown: 1 };

  function go(box, step) {
    var target = boxes[boxes.indexOf(box) + step];
    if (target) {
      target.focus();
      target.select();
    }
  }

  function passOn(event) {
    var box = event.target;
    if (box.value.length >= box.maxLength && /[0-9]$/.test(box.value)) {
      go(box, 1);
    }
  }

  function steer(event) {
    var step = moves[event.key];
    if (event.key === "Backspace" && event.target.value === "") {
      step = -1;
    }
    if (step && !event.altKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      go(event.target, step);
    }
  }

  function mark(event) {
    event.target.select();
  }

  boxes.forEach(function (box) {
    if (box.hasAttribute("data-one-key")) {
      box.addEventListener("focus", mark);
      box.addEventListener("click", mark);
      box.addEventListener("input", passOn);
      box.addEventListener("keydown", steer);
    }
  });
})();
