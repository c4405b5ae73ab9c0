package cpu

import "smoothscape/trainer/engine"

// node is a step of the network as it is computed: a layer, with those that are cheaper done with it.
type node struct {
	layer engine.Layer
	index int // of the layer, which owns the parameters
	in    int // layer whose output is read; −1: the images
	skip  int // layer whose output is added, or none
	relu  bool
	out   int // layer whose output this is
}

const none = -2

// graph lists the nodes of a network in an order in which they can be computed. A ReLU, or a sum behind batch norm, is done with the
// node before it where nobody else reads what lies between.
func graph(spec engine.Spec, sources [][]int) []node {
	uses := make([]int, len(spec.Layers))
	uses[len(uses)-1]++ // the loss
	for _, from := range sources {
		for _, s := range from {
			if s >= 0 {
				uses[s]++
			}
		}
	}
	var nodes []node
	// open gives the node that makes the output of layer v, if it may be changed to make something else of it.
	open := func(v int) int {
		for i, n := range nodes {
			if n.out == v && v >= 0 && uses[v] == 1 && !n.relu {
				return i
			}
		}
		return none
	}
	for i, l := range spec.Layers {
		n := node{layer: l, index: i, in: sources[i][0], skip: none, out: i}
		switch l.Kind {
		case engine.ReLU:
			if before := open(n.in); before != none {
				switch nodes[before].layer.Kind {
				case engine.Conv, engine.Linear, engine.BatchNorm, engine.Add:
					nodes[before].relu, nodes[before].out = true, i
					continue
				}
			}
		case engine.Add:
			n.skip = sources[i][1]
			for _, pair := range [][2]int{{n.in, n.skip}, {n.skip, n.in}} {
				before := open(pair[0])
				if before != none && nodes[before].layer.Kind == engine.BatchNorm && nodes[before].skip == none {
					n = nodes[before]
					n.skip, n.out = pair[1], i
					nodes = append(nodes[:before], nodes[before+1:]...)
					break
				}
			}
		}
		nodes = append(nodes, n)
	}
	return nodes
}
