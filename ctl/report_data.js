/* The charts of a report's page. The page's text reaches the document as text
 * alone: nothing here makes HTML of it. This file: the data, and how figures and
 * times are written. */
"use strict";

var root = document.documentElement;
var data = JSON.parse(document.getElementById("data").textContent);
var charts = [];
var state = { fromStart: false, range: null, hidden: {}, isDrawing: false };

var KB_UNITS = { kb: "", kb_per_s: "/s" };
var SIZES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
// What an axis can still span.
var VALUE_MAX = 1e300;

// ## Figures and times

function isSize(unit) {
  return Object.prototype.hasOwnProperty.call(KB_UNITS, unit);
}

function short(value, digits) {
  return String(parseFloat(value.toPrecision(digits)));
}

function sizePower(bytes) {
  var power = 0;
  while (Math.abs(bytes) >= Math.pow(1024, power + 1) && power < SIZES.length - 1)
    power += 1;
  return power;
}

function formatSize(bytes, unit, digits, power) {
  if (power === undefined) power = sizePower(bytes);
  var size = short(bytes / Math.pow(1024, power), digits);
  return size + " " + SIZES[power] + KB_UNITS[unit];
}

function formatValue(value, unit, digits) {
  if (isSize(unit)) return formatSize(value, unit, digits);
  if (unit === "percent") return short(value, digits) + " %";
  if (unit === "seconds") return short(value, digits) + " s";
  if (unit === "per_s") return short(value, digits) + "/s";
  return short(value, digits);
}

function twoDigits(n) {
  return (n < 10 ? "0" : "") + n;
}

// "1 d 02:03:04.5", since the start of a log.
function formatElapsed(ms) {
  var seconds = Math.floor(Math.abs(ms) / 1000);
  var days = Math.floor(seconds / 86400);
  var rest = Math.round(Math.abs(ms) % 1000);
  return (
    (ms < 0 ? "-" : "") +
    (days > 0 ? days + " d " : "") +
    [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
      .map(twoDigits)
      .join(":") +
    (rest > 0 ? "." + ("00" + rest).slice(-3) : "")
  );
}

function formatTime(ms) {
  var date = new Date(ms);
  if (state.fromStart) return formatElapsed(ms);
  if (isNaN(date)) return "";
  var text = date.toISOString().replace("T", " ").replace("Z", "");
  return text.replace(/\.000$/, "");
}

function tickLabel(date, granularity, options, graph) {
  if (state.fromStart) return formatElapsed(date.getTime());
  return Dygraph.dateAxisLabelFormatter(date, granularity, options, graph);
}

// Round figures in the unit that the axis needs.
function sizeTicker(unit) {
  return function (from, to, pixels, options, graph) {
    var power = sizePower(Math.max(Math.abs(from), Math.abs(to)));
    var size = Math.pow(1024, power);
    var ticks = Dygraph.numericTicks(from / size, to / size, pixels, options, graph);
    return ticks.map(function (tick) {
      var bytes = tick.v * size;
      return { v: bytes, label: formatSize(bytes, unit, 6, power) };
    });
  };
}

// ## Data

function drawable(value, unit) {
  if (value === null) return NaN;
  var scaled = isSize(unit) ? value * 1024 : value;
  return Math.max(-VALUE_MAX, Math.min(VALUE_MAX, scaled));
}

function readLine(line, unit) {
  var time = 0;
  return {
    log: line.log,
    times: line.times.map(function (step) {
      time += step;
      return time;
    }),
    values: line.values.map(function (value) {
      return drawable(value, unit);
    }),
  };
}

function offset(log) {
  return state.fromStart ? 0 : data.logs[log].begin;
}

// One row for each time of any line: null where a line has no point there,
// NaN where it is broken.
function rowsOf(lines) {
  var at = lines.map(function () {
    return 0;
  });
  var offsets = lines.map(function (line) {
    return offset(line.log);
  });
  var rows = [];
  function next(i) {
    return at[i] < lines[i].times.length
      ? lines[i].times[at[i]] + offsets[i]
      : Infinity;
  }
  for (;;) {
    var time = Infinity;
    for (var i = 0; i < lines.length; i++) time = Math.min(time, next(i));
    if (time === Infinity) return rows;
    var row = new Array(lines.length + 1).fill(null);
    row[0] = time;
    for (var j = 0; j < lines.length; j++)
      if (next(j) === time) row[j + 1] = lines[j].values[at[j]++];
    rows.push(row);
  }
}

// That of the logs which are shown, whatever a chart has of them.
function wholeRange() {
  var from = Infinity;
  var to = -Infinity;
  charts.forEach(function (chart) {
    shownLines(chart).forEach(function (line) {
      from = Math.min(from, line.times[0] + offset(line.log));
      to = Math.max(to, line.times[line.times.length - 1] + offset(line.log));
    });
  });
  if (from === Infinity) return [0, 1000];
  return to > from ? [from, to] : [from - 1000, from + 1000];
}
