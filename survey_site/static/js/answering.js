/* Weak connections: one tap sends once; what is chosen stays on this telephone until the server has it.
   Every page works without this file. Must run in Chrome 61. No clock of the telephone: data-now is the server's. */
(() => {
  "use strict";

  const SCRIPT = document.currentScript.dataset;
  const NOW = Number(SCRIPT.now);
  const MAIL = "mail";
  const REVIEW = "_review";
  const TOKEN = "csrfmiddlewaretoken";
  const [SENDING, KEPT, RESTORED] = {
    vi: [
      "Đang gửi…",
      "Mất mạng. Câu trả lời được giữ trên điện thoại này và sẽ tự gửi khi có mạng.",
      "Các câu trả lời chưa gửi đã được điền lại.",
    ],
    en: [
      "Sending…",
      "No connection. Your answers are kept on this phone and will be sent when there is a signal.",
      "Answers that were not sent have been filled in again.",
    ],
  }[document.documentElement.lang === "vi" ? "vi" : "en"];

  let form, owner, step, status, button, timer, held; // held: the letter, where a browser keeps nothing
  let isBusy = false, isOver = false, n = 0;

  const base = new Promise((done) => {
    try {
      const asked = indexedDB.open("answering", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("kept", { keyPath: "id" });
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => done();
    } catch (error) {
      done();
    }
  });

  const inStore = (work) => base.then((found) => found && new Promise((done) => {
    const move = found.transaction("kept", "readwrite");
    const asked = work(move.objectStore("kept"));
    move.oncomplete = () => done(asked && asked.result);
    move.onerror = move.onabort = () => done();
  }));
  const get = (id) => inStore((kept) => kept.get(id));
  const remove = (...ids) => {
    held = undefined;
    return inStore((kept) => ids.forEach((id) => kept.delete(id)));
  };
  const sweep = (isOld) => inStore((kept) => {
    kept.openCursor().onsuccess = (event) => {
      const cursor = event.target.result;
      if (cursor) {
        if (isOld(cursor.value)) {
          cursor.delete();
        }
        cursor.continue();
      }
    };
  });
  const draftId = () => `${owner}/${step}`;

  const say = (words) => {
    if (status) {
      status.className = words && "notice notice--info";
      status.textContent = words;
    }
  };

  const fields = () => Array.from(form.elements).filter((field) => field.name && !/hidden|submit/.test(field.type));
  const isBox = (field) => /radio|checkbox/.test(field.type);
  const typed = () => fields().filter((field) => !isBox(field) || field.checked).map((field) => [field.name, field.value]);

  const save = () => {
    if (form && owner && !isOver) {
      const record = { id: draftId(), owner, at: NOW, typed: typed() };
      inStore((kept) => kept.put(record));
    }
  };

  const restore = (record) => {
    if (!record || JSON.stringify(record.typed) === JSON.stringify(typed())) {
      return;
    }
    fields().forEach((field) => {
      const found = record.typed.filter((pair) => pair[0] === field.name);
      if (isBox(field)) {
        field.checked = found.some((pair) => pair[1] === field.value);
      } else if (found.length) {
        field.value = found[0][1];
      }
    });
    say(RESTORED);
  };

  const show = (page) => {
    document.title = page.title;
    document.documentElement.replaceChild(document.adoptNode(page.body), document.body);
    begin();
    scrollTo(0, 0);
    (document.querySelector(".error-summary") || document.getElementById("main")).focus();
  };

  const later = () => {
    isBusy = false;
    say(KEPT);
    clearTimeout(timer);
    timer = setTimeout(retry, Math.min(2 ** n++, 60) * 1000);
  };

  const taken = (letter, answer, place) => {
    const ids = answer.status === 204 ? [MAIL, `${letter.owner}/${letter.step}`] : [MAIL];
    isOver = answer.status === 204;
    return remove(...ids).then(() => {
      rest();
      if (owner || (isOver && letter.step === REVIEW)) {
        location.assign(place);
      }
    });
  };

  const refused = (letter, page) => {
    if (!page.getElementById("main")) {
      return later();
    }
    return remove(MAIL).then(() => {
      isBusy = false;
      if (owner) {
        show(page);
      }
    });
  };

  const send = (letter) => {
    isBusy = true;
    const tired = new Promise((_done, fail) => setTimeout(fail, 30000));
    const token = document.querySelector(`[name=${TOKEN}]`);
    const headers = { "Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": letter.once };
    if (token) {
      headers["X-CSRFToken"] = token.value;
    }
    const options = { method: "POST", credentials: "same-origin", headers, body: letter.body };
    return Promise.race([fetch(letter.url, options), tired]).then((answer) => {
      if (answer.status >= 500 || answer.status === 429) {
        return later();
      }
      const place = answer.redirected ? answer.url : answer.headers.get("Location");
      if (place) {
        return taken(letter, answer, place);
      }
      return answer.text().then((text) => refused(letter, new DOMParser().parseFromString(text, "text/html")));
    }).catch(later);
  };

  const rest = () => {
    isBusy = false;
    say("");
  };

  const retry = () => {
    if (!isBusy && !isOver) {
      get(MAIL).then((letter = held) => letter && !isBusy && send(letter));
    }
  };

  const pack = () => {
    const pairs = [];
    new FormData(form).forEach((value, name) => name === TOKEN || pairs.push([name, value]));
    if (button && button.name) {
      pairs.push([button.name, button.value]);
    }
    return pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
  };

  const post = () => {
    const letter = {
      id: MAIL, owner, step, at: NOW, body: pack(),
      once: Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte + 256).toString(16).slice(1)).join(""),
      url: form.getAttribute("action") || location.pathname + location.search,
    };
    isBusy = true;
    n = 0;
    say(SENDING);
    get(MAIL).then((before) => {
      if (before && before.owner === owner && before.step === step && (step === REVIEW || before.body === letter.body)) {
        letter.once = before.once;
      }
      held = letter;
      return inStore((kept) => kept.put(letter));
    }).then(() => send(letter));
  };

  const begin = () => {
    const mark = document.querySelector("input[name$='-current_step']");
    form = mark && mark.form;
    owner = mark && mark.name.slice(0, -"-current_step".length);
    step = mark && mark.value;
    const place = form || document.querySelector("main form");
    status = place && place.appendChild(document.createElement("p"));
    if (status) {
      status.setAttribute("role", "status");
    }
  };

  document.addEventListener("click", (event) => {
    button = event.target.closest("button");
  }, true);

  document.addEventListener("submit", (event) => {
    if (isBusy) {
      event.preventDefault();
    } else if (event.target === form && owner) {
      event.preventDefault();
      post();
    } else {
      isBusy = true;
      say(SENDING);
      setTimeout(rest, 15000);
    }
  });

  addEventListener("pageshow", (event) => {
    if (event.persisted) {
      isOver = false;
      rest();
      if (owner && navigator.onLine) {
        location.reload();
      }
    }
  });
  document.addEventListener("input", save);
  document.addEventListener("change", save);
  addEventListener("online", retry);
  document.addEventListener("visibilitychange", () => document.hidden || retry());

  if (!window.fetch || !window.indexedDB || !window.FormData) {
    return;
  }
  begin();
  if ("clear" in SCRIPT) {
    sweep(() => true);
  } else {
    sweep((record) => (owner ? record.owner !== owner : NOW - record.at > 43200))
      .then(() => owner && get(draftId()))
      .then(restore)
      .then(retry);
  }
})();
