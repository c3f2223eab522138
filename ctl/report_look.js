/* The colours of the charts, their marks, and what the pointer reads out. */

var COLORS = 8;
var DASHES = [null, [7, 4], [2, 3], [10, 3, 2, 3]];
var LABEL_GAP_PX = 6;
var LABEL_HEIGHT_PX = 14;
var NEAR_PX = 8;
var READINGS_A_COLUMN = 8;

// ## Colours

function color(name) {
  return getComputedStyle(root).getPropertyValue(name).trim();
}

function lineColor(log) {
  return color("--line-" + (log % COLORS));
}

function dash(log) {
  return DASHES[Math.floor(log / COLORS) % DASHES.length];
}

// ## Marks

function eachMark(visit) {
  data.marks.forEach(function (mark) {
    if (!state.fromStart) return visit(mark.time, mark.label);
    data.logs.forEach(function (log) {
      if (mark.time >= log.begin && mark.time <= log.end)
        visit(mark.time - log.begin, mark.label);
    });
  });
}

// Above the lines, which are dense.
var marks = {
  activate: function () {
    return {
      didDrawChart: function (event) {
        var graph = event.dygraph;
        drawMarks(event.drawingContext, graph.getArea(), graph);
      },
    };
  },
};

function drawLabel(context, text, left, top, width) {
  context.globalAlpha = 0.8;
  context.fillStyle = color("--card");
  context.fillRect(left - 2, top, width + 4, LABEL_HEIGHT_PX);
  context.globalAlpha = 1;
  context.fillStyle = color("--mark");
  context.fillText(text, left, top + 1);
}

function drawMarks(context, area, graph) {
  var free = -Infinity;
  context.save();
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "top";
  context.strokeStyle = color("--mark");
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  eachMark(function (time, label) {
    var x = Math.round(graph.toDomXCoord(time)) + 0.5;
    if (!(x >= area.x && x <= area.x + area.w)) return;
    context.beginPath();
    context.moveTo(x, area.y);
    context.lineTo(x, area.y + area.h);
    context.stroke();
    var text = label.length > 24 ? label.slice(0, 23) + "\u2026" : label;
    var width = context.measureText(text).width;
    var left = x + 3 + width > area.x + area.w ? x - 3 - width : x + 3;
    if (left < free) return;
    drawLabel(context, text, left, area.y + 1, width);
    free = left + width + LABEL_GAP_PX;
  });
  context.restore();
}

// ## Read-out

// The point of a line at a time: that which is nearest, or null beyond its
// ends and where it is broken.
function pointAt(line, time, reach) {
  var low = 0;
  var high = line.times.length - 1;
  time -= offset(line.log);
  if (time < line.times[0] - reach || time > line.times[high] + reach) return null;
  while (high - low > 1) {
    var middle = (low + high) >> 1;
    if (line.times[middle] <= time) low = middle;
    else high = middle;
  }
  var nearest =
    time - line.times[low] <= line.times[high] - time ? low : high;
  if (isNaN(line.values[nearest])) return null;
  return {
    time: line.times[nearest] + offset(line.log),
    value: line.values[nearest],
  };
}

function reach(graph) {
  var range = graph.xAxisRange();
  return ((range[1] - range[0]) * NEAR_PX) / graph.getArea().w;
}

function shownLines(chart) {
  return chart.lines.filter(function (line) {
    return !state.hidden[line.log];
  });
}

// The time of the point that is nearest to the pointer.
function snap(chart, time) {
  var best = null;
  shownLines(chart).forEach(function (line) {
    var point = pointAt(line, time, reach(chart.graph));
    if (point && (!best || Math.abs(point.time - time) < Math.abs(best - time)))
      best = point.time;
  });
  return best;
}

function element(tag, className, text) {
  var made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function swatch(log) {
  var made = element("span", "swatch");
  made.style.borderTopColor = lineColor(log);
  made.style.borderTopStyle = dash(log) ? "dashed" : "solid";
  return made;
}

function readOutLine(chart, line, time) {
  var point = pointAt(line, time, reach(chart.graph));
  var row = element("div", "reading");
  row.appendChild(swatch(line.log));
  if (data.logs.length > 1)
    row.appendChild(element("span", "log", data.logs[line.log].name));
  row.appendChild(
    element(
      "span",
      "value",
      point ? formatValue(point.value, chart.unit, 6) : "\u2013"
    )
  );
  return row;
}

function readOut(chart, time) {
  var area = chart.graph.getArea();
  var x = chart.graph.toDomXCoord(time);
  var isOutside = !(x >= area.x - 1 && x <= area.x + area.w + 1);
  chart.hairline.hidden = chart.readout.hidden = isOutside;
  if (isOutside) return;
  chart.hairline.style.left = x + "px";
  chart.hairline.style.height = area.h + "px";
  var isLeft = x > area.x + area.w / 2;
  chart.readout.style.left = isLeft ? area.x + 6 + "px" : "auto";
  chart.readout.style.right = isLeft ? "auto" : "8px";
  chart.readout.replaceChildren(element("div", "time", formatTime(time)));
  var lines = shownLines(chart);
  chart.readout.style.columnCount = Math.ceil(lines.length / READINGS_A_COLUMN);
  lines.forEach(function (line) {
    chart.readout.appendChild(readOutLine(chart, line, time));
  });
}

function readOutAll(time) {
  charts.forEach(function (chart) {
    if (!chart.graph || !chart.inView) return;
    if (time === null) chart.hairline.hidden = chart.readout.hidden = true;
    else readOut(chart, time);
  });
}

function pointed(chart, event) {
  var left = chart.plot.getBoundingClientRect().left;
  // The pointer may be faster than the browser's word of what is in sight.
  chart.inView = true;
  if (chart.isStale) draw(chart);
  if (event.buttons) return readOutAll(null);
  readOutAll(snap(chart, chart.graph.toDataXCoord(event.clientX - left)));
}
