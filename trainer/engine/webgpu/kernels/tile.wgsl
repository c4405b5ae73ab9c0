// A product of matrices, out[m, n] = Σ over k of left(m, k)·right(k, n), for processors with memory that the threads of a group share: a group of
// {{.Threads}} threads makes a tile of {{.Lines}}×{{.Columns}} values, each thread {{.Down}}×{{.Across}} of them, and reads what the tile needs of 8 values of k at a time once. The kernel before this
// text gives left and right, which are 0 outside their matrix, and put, which leaves out what is outside; lines and columns say how large out is, and
// depth(part) which values of k belong to a part of the sum. The text is a template of package text/template over a shape (shape.go).
var<workgroup> lefts: array<f32, {{.Lefts}}>; // [k][m]
var<workgroup> rights: array<f32, {{.Rights}}>; // [k][n]

@compute @workgroup_size({{.Threads}})
fn main(@builtin(local_invocation_index) t: u32, @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let across = (columns() + {{.Columns}}u - 1u) / {{.Columns}}u;
  let down = (lines() + {{.Lines}}u - 1u) / {{.Lines}}u;
  let tile = group.x + group.y * groups.x;
  let part = tile / (across * down);
  if (part >= max(s.parts, 1u)) { return; }
  let m = tile / across % down * {{.Lines}}u;
  let n = tile % across * {{.Columns}}u;
  let range = depth(part);
  // A thread's lines are runs of 4, {{.LineStep}} apart, its columns runs of 4, {{.ColumnStep}} apart: neighbors read neighbors.
  let y = t / {{.Abreast}}u * 4u;
  let x = t % {{.Abreast}}u * 4u;
{{- range $l, $_ := .LineOffsets}}{{range $c, $_ := $.ColumnOffsets}}
  var sum{{$l}}_{{$c}} = vec4<f32>(0.0);
{{- end}}{{end}}
  for (var k = range.x; k < range.y; k += 8u) {
    for (var i = t; i < {{.Lefts}}u; i += {{.Threads}}u) {
      let j = k + i / {{.Lines}}u;
      var v = 0.0;
      if (j < range.y) { v = left(m + i % {{.Lines}}u, j); }
      lefts[i] = v;
    }
    for (var i = t; i < {{.Rights}}u; i += {{.Threads}}u) {
      let j = k + i / {{.Columns}}u;
      var v = 0.0;
      if (j < range.y) { v = right(j, n + i % {{.Columns}}u); }
      rights[i] = v;
    }
    workgroupBarrier();
    for (var j = 0u; j < 8u; j++) {
      let u = j * {{.Lines}}u + y;
      let w = j * {{.Columns}}u + x;
{{- range $c, $at := .ColumnOffsets}}
      let r{{$c}} = vec4<f32>(rights[w + {{$at}}u], rights[w + {{$at}}u + 1u], rights[w + {{$at}}u + 2u], rights[w + {{$at}}u + 3u]);
{{- end}}
{{- range $l, $at := .LineOffsets}}{{range $c, $_ := $.ColumnOffsets}}
      sum{{$l}}_{{$c}} += lefts[u + {{$at}}u] * r{{$c}};
{{- end}}{{end}}
    }
    workgroupBarrier();
  }
  var all = array<vec4<f32>, {{.Quads}}>(
{{- range $l, $_ := .LineOffsets}}{{range $c, $_ := $.ColumnOffsets}}sum{{$l}}_{{$c}}, {{end}}{{end}});
  for (var i = 0u; i < {{.Quads}}u * 4u; i++) {
    let q = i / 4u;
    let l = q / {{.Strips}}u;
    put(m + y + l / 4u * {{.LineStep}}u + l % 4u, n + x + q % {{.Strips}}u * {{.ColumnStep}}u + i % 4u, part, all[q][i % 4u]);
  }
}
