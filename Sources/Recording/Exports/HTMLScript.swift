import MeshModel

/// The one script of the report: the slider over the day. The page allows it by its hash, and no other.
enum HTMLScript {
    /// The hash of the script as a content security policy names it.
    static var hash: String {
        var hash = SHA256()
        hash.update(source.utf8)
        return "sha256-" + Base64.text(hash.digest)
    }

    /// Text goes into the page as text only.
    static let source = """
        "use strict";
        const bar = document.getElementById("scrub");
        const day = document.getElementById("day");
        if (bar && day) {
          const data = JSON.parse(bar.dataset.day);
          const slider = bar.querySelector("input");
          const all = (root, what) => [...root.querySelectorAll(what)];
          const boxes = all(day, ".service"), edges = all(day, ".edge"), tags = all(day, ".hit");
          const entries = all(document, ".timeline li"), charts = all(document, ".chart");
          const healths = ["unknown", "ok", "warn", "bad", "stale"], glyphs = ["○", "●", "▲", "✖", "◌"];
          const set = (name, text) => { document.querySelector(name).textContent = text; };
          const two = number => String(Math.floor(number)).padStart(2, "0");
          const clock = t => "+" + Math.floor(t / 3600) + ":" + two(t / 60 %60) + ":" + two(t %60);
          const figure = (value, unit) => value === null ? "–" : value + unit;
          const last = (times, t) => times.reduce((found, time, place) => time <= t ? place : found, 0);
          const show = () => {
            const t = Number(slider.value), place = last(data.t, t), health = data.h[place];
            const active = data.faults.filter(fault => fault[3] <= t && t < fault[4]);
            boxes.forEach((box, i) => {
              box.setAttribute("class", "service " + healths[health[i]]);
              box.querySelector("tspan").textContent = glyphs[health[i]];
              const figures = data.f[place].slice(2 * i, 2 * i + 2);
              box.querySelector(".figures").textContent = figure(figures[0], "/s") + " · p99 " + figure(figures[1], " ms");
            });
            edges.forEach((edge, i) => {
              const hits = active.filter(fault => fault[0] === i).map(fault => fault[1]);
              edge.setAttribute("class", "edge " + healths[health[boxes.length + i]] + (hits.length ? " hurt" : ""));
              tags[i].textContent = hits.length ? "⚡ " + hits.join(" ") : "";
            });
            const broken = data.broken.filter(breach => breach[1] <= t && t < breach[2]).map(breach => breach[0]);
            const told = entries.filter(entry => Number(entry.dataset.t) <= t).pop();
            set("#scrub output", clock(t));
            slider.setAttribute("aria-valuetext", clock(t));
            set("#active", active.length ? active.map(fault => fault[2]).join(", ") : "no active faults");
            set("#broken", broken.length ? broken.join(", ") + " BROKEN" : "no broken objective");
            set("#told", told ? told.querySelector(".text").textContent : "–");
            entries.forEach(entry => entry.classList.toggle("now", entry === told));
            charts.forEach(chart => {
              const x = Number(chart.dataset.left) + Number(chart.dataset.width) * Math.min(1, t / Number(slider.max));
              const line = chart.querySelector(".now");
              line.setAttribute("x1", x);
              line.setAttribute("x2", x);
            });
          };
          slider.addEventListener("input", show);
          entries.forEach(entry => entry.querySelector("time").addEventListener("click", () => {
            slider.value = entry.dataset.t;
            show();
          }));
          bar.hidden = day.hidden = false;
          document.documentElement.classList.add("live");
          show();
        }
        """
}
