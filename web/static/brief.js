/* The brief: past experiments like what is being typed, tags that are offered after each comma, and a question before
   what was typed would be lost.
   Without a script a button asks for the same experiments. */
(() => {
  const form = document.querySelector("form[data-brief]");
  const place = document.getElementById("similar");
  if (!form || !place) return;
  const WAIT = 400; // milliseconds without a key, before it asks
  const MOST = 300; // characters that it asks with: addresses must not grow too long
  const fields = ["title", "hypothesis", "change"].map((id) => document.getElementById(id));
  let timer, asked, request, typed = false;

  const ask = async () => {
    const text = fields.map((field) => field.value.slice(0, MOST / 3)).join(" ").trim();
    if (text === asked) return;
    asked = text;
    request?.abort();
    request = new AbortController();
    const query = new URLSearchParams({ text, besides: place.dataset.besides });
    try {
      const answer = await fetch(`${place.dataset.source}?${query}`, { signal: request.signal });
      if (answer.ok && !answer.redirected) place.innerHTML = await answer.text();
    } catch { /* more was typed, or nobody answers: what is shown stays */ }
  };

  for (const field of fields) field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  const tags = document.getElementById("tags"), known = document.getElementById("tags-known");
  const offered = [...known.options].map((option) => option.value);
  const offer = () => { // a browser offers whole values: those typed before come first in each
    const before = tags.value.split(",").slice(0, -1).map((tag) => tag.trim()).filter(Boolean);
    const left = offered.filter((tag) => !before.includes(tag));
    known.replaceChildren(...left.map((tag) => new Option("", [...before, tag].join(", "))));
  };
  tags.addEventListener("input", offer);

  form.addEventListener("input", () => { typed = true; });
  form.addEventListener("submit", () => { typed = false; });
  addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
})();
