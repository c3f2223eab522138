/* What stands above the charts, the page in light, in dark and on paper, and the
 * start of all. */

var MOUSE_HINT = "Drag to zoom, Shift and drag to move";
var TOUCH_HINT = "Two fingers zoom and move";

var tools = { all: element("button", "", "Show all") };

function button(text, pressed, press) {
  var made = element("button", "", text);
  made.type = "button";
  if (pressed !== null) made.setAttribute("aria-pressed", pressed);
  made.addEventListener("click", press);
  return made;
}

function addLegend(box) {
  var legend = element("div", "legend");
  legend.setAttribute("role", "group");
  legend.setAttribute("aria-label", "Logs in the charts");
  data.logs.forEach(function (log, index) {
    var label = element("label");
    var check = element("input");
    check.type = "checkbox";
    check.checked = true;
    check.addEventListener("change", function () {
      state.hidden[index] = !check.checked;
      refresh();
    });
    label.append(check, swatch(index), element("span", "log", log.name));
    legend.appendChild(label);
  });
  box.appendChild(legend);
}

function addTimes(box) {
  var times = element("div", "times");
  function choose(fromStart) {
    state.fromStart = fromStart;
    state.range = null;
    tools.all.disabled = true;
    clock.setAttribute("aria-pressed", !fromStart);
    start.setAttribute("aria-pressed", fromStart);
    refresh("data");
  }
  var clock = button("Clock time", true, function () {
    choose(false);
  });
  var start = button("From each start", false, function () {
    choose(true);
  });
  times.append(clock, start);
  box.appendChild(times);
}

function addTools() {
  var isTouched = window.matchMedia("(pointer: coarse)").matches;
  var box = document.getElementById("tools");
  if (data.logs.length > 1) {
    addLegend(box);
    addTimes(box);
  }
  tools.all.type = "button";
  tools.all.id = "all";
  tools.all.disabled = true;
  tools.all.addEventListener("click", showAll);
  box.append(
    tools.all,
    element("span", "hint", isTouched ? TOUCH_HINT : MOUSE_HINT)
  );
  box.hidden = false;
}

function recolor() {
  document.querySelectorAll(".legend .swatch").forEach(function (made, log) {
    made.style.borderTopColor = lineColor(log);
  });
  refresh();
}

// ## Light, dark, paper

var darkSystem = window.matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  if (root.dataset.theme) return root.dataset.theme === "dark";
  return darkSystem.matches;
}

function addTheme() {
  var theme = document.getElementById("theme");
  function name() {
    theme.textContent = isDark() ? "Light" : "Dark";
    theme.setAttribute(
      "aria-label",
      "Show the page in " + theme.textContent.toLowerCase() + " colours"
    );
  }
  theme.addEventListener("click", function () {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
    recolor();
  });
  darkSystem.addEventListener("change", function () {
    name();
    recolor();
  });
  name();
  theme.hidden = false;
}

var marksList = document.getElementById("marks");

function fitToPaper(isPaper) {
  root.classList.toggle("paper", isPaper);
  if (isPaper && marksList) marksList.open = true;
  recolor();
  charts.forEach(function (chart) {
    if (isPaper) draw(chart);
    if (chart.graph) {
      state.isDrawing = true;
      chart.graph.resize();
      state.isDrawing = false;
    }
  });
}

function start() {
  data.charts.forEach(function (spec) {
    if (spec.lines.length > 0) addChart(spec);
  });
  addTheme();
  if (charts.length === 0) {
    document
      .getElementById("plots")
      .appendChild(element("p", "note", "The logs have no values to draw."));
    return;
  }
  addTools();
  watchCharts();
  window.addEventListener("beforeprint", function () {
    fitToPaper(true);
  });
  window.addEventListener("afterprint", function () {
    fitToPaper(false);
  });
}

start();
