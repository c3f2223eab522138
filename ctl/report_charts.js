/* The charts as dygraphs draws them, all over the same time. */

// The legend of dygraphs sets a style attribute, which the page's policy forbids,
// and it makes HTML of what it shows.
Dygraph.PLUGINS = Dygraph.PLUGINS.filter(function (plugin) {
  return plugin !== Dygraph.Plugins.Legend;
});

var WORDS = { percent: "%", per_s: "a second", seconds: "s" };

function setRange(range) {
  state.range = range;
  tools.all.disabled = range === null;
  refresh();
}

function isShown(range) {
  var now = state.range || wholeRange();
  return Math.abs(range[0] - now[0]) < 1 && Math.abs(range[1] - now[1]) < 1;
}

function drawn(chart, graph) {
  var range = graph.xAxisRange();
  chart.figure.dataset.from = range[0];
  chart.figure.dataset.to = range[1];
  if (graph.isZoomed("y")) tools.all.disabled = false;
  if (state.isDrawing || isShown(range)) return;
  // The reader has zoomed or moved this one: the others follow.
  setRange(range.slice());
}

// One finger scrolls the page; two zoom, but not while the page is still rolling:
// that cannot be stopped.
function pinchStart(start) {
  return function (event, graph, context) {
    context.isPinched = event.cancelable && event.touches.length > 1;
    if (context.isPinched) start(event, graph, context);
  };
}

function pinchGoOn(handler) {
  return function (event, graph, context) {
    if (context.isPinched) handler(event, graph, context);
  };
}

function interaction() {
  var usual = Dygraph.defaultInteractionModel;
  return Object.assign({}, usual, {
    touchstart: pinchStart(usual.touchstart),
    touchmove: pinchGoOn(usual.touchmove),
    touchend: pinchGoOn(usual.touchend),
    dblclick: showAll,
  });
}

function changing(chart) {
  return {
    dateWindow: state.range || wholeRange(),
    visibility: chart.lines.map(function (line) {
      return !state.hidden[line.log];
    }),
    colors: chart.lines.map(function (line) {
      return lineColor(line.log);
    }),
    gridLineColor: color("--grid"),
    axisLineColor: color("--axis"),
  };
}

function options(chart) {
  var series = {};
  var labels = chart.lines.map(function (line, i) {
    series["line " + i] = { strokePattern: dash(line.log) };
    return "line " + i;
  });
  return Object.assign(changing(chart), {
    labels: ["time"].concat(labels),
    series: series,
    strokeWidth: 1.5,
    connectSeparatedPoints: true,
    labelsUTC: true,
    includeZero: chart.unit === "percent",
    highlightCircleSize: 0,
    axisLabelFontSize: 12,
    axisTickSize: 5,
    gridLineWidth: 1,
    rightGap: 12,
    interactionModel: interaction(),
    plugins: [marks],
    drawCallback: function (graph) {
      drawn(chart, graph);
    },
    axes: {
      x: { ticker: Dygraph.dateTicker, axisLabelFormatter: tickLabel },
      y: {
        axisLabelWidth: 78,
        pixelsPerLabel: 26,
        ticker: isSize(chart.unit) ? sizeTicker(chart.unit) : Dygraph.numericTicks,
        axisLabelFormatter: function (value) {
          return formatValue(value, chart.unit, 6);
        },
      },
    },
  });
}

function draw(chart) {
  state.isDrawing = true;
  if (!chart.graph)
    chart.graph = new Dygraph(chart.canvas, rowsOf(chart.lines), options(chart));
  else {
    var changed = changing(chart);
    if (chart.needsData) changed.file = rowsOf(chart.lines);
    if (chart.needsReset && chart.graph.isZoomed("y")) chart.graph.resetZoom();
    chart.graph.updateOptions(changed);
  }
  chart.isStale = chart.needsData = chart.needsReset = false;
  state.isDrawing = false;
}

// Charts out of sight wait until they come into it.
function refresh(reason) {
  readOutAll(null);
  charts.forEach(function (chart) {
    chart.isStale = true;
    chart.needsData = chart.needsData || reason === "data";
    chart.needsReset = chart.needsReset || reason === "data" || reason === "all";
    if (chart.inView) draw(chart);
  });
}

function showAll() {
  state.range = null;
  tools.all.disabled = true;
  refresh("all");
}

function addChart(spec) {
  var figure = element("figure", "chart");
  var caption = element("figcaption", "", spec.name);
  var word = WORDS[spec.unit];
  if (word) caption.appendChild(element("span", "unit", word));
  figure.appendChild(caption);
  var plot = element("div", "plot");
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", spec.name + " over time, as a line chart");
  var chart = {
    figure: figure,
    plot: plot,
    unit: spec.unit,
    canvas: element("div", "canvas"),
    hairline: element("div", "hairline"),
    readout: element("div", "readout"),
    lines: spec.lines.map(function (line) {
      return readLine(line, spec.unit);
    }),
  };
  chart.hairline.hidden = chart.readout.hidden = true;
  plot.append(chart.canvas, chart.hairline, chart.readout);
  figure.appendChild(plot);
  plot.addEventListener("mousemove", function (event) {
    if (chart.graph) pointed(chart, event);
  });
  plot.addEventListener("mouseleave", function () {
    readOutAll(null);
  });
  document.getElementById("plots").appendChild(figure);
  charts.push(chart);
}

function watchCharts() {
  var observer = new IntersectionObserver(
    function (entries) {
      entries.forEach(function (entry) {
        var chart = charts[Array.prototype.indexOf.call(figures, entry.target)];
        chart.inView = entry.isIntersecting;
        if (chart.inView && (!chart.graph || chart.isStale)) draw(chart);
      });
    },
    { rootMargin: "400px 0px" }
  );
  var figures = charts.map(function (chart) {
    observer.observe(chart.figure);
    return chart.figure;
  });
}
