package cpu

import "smoothscape/trainer/engine"

// loss is softmax cross-entropy, averaged over the batch.
type loss[T Float] struct {
	p       *program[T]
	y       []int
	losses  []float64 // of each image
	softmax []float64 // of each image, classes long
	correct []bool
	mean    int // images to average over: those of the caller's batch
}

func (l *loss[T]) reserve(images int) {
	if len(l.losses) < images {
		l.losses, l.correct = make([]float64, images), make([]bool, images)
		l.softmax = make([]float64, images*l.p.logits.shape.C)
	}
}

// steps compute the losses and, in a program with a way back, the gradient of the logits.
func (l *loss[T]) steps() []step[T] {
	const each = 16
	return []step[T]{{units: units(each), do: func(_ *worker[T], unit int) {
		first, images := l.p.span(unit, each)
		classes := l.p.logits.shape.C
		scale := 1 / float64(l.mean)
		for m := first; m < first+images; m++ {
			softmax := l.softmax[m*classes:][:classes]
			l.losses[m], l.correct[m] = crossEntropy(l.p.logits.at(m)[:classes], l.y[m], softmax)
			l.losses[m] += float64(l.p.input.doubt[m])
			if l.p.dLogits == nil {
				continue
			}
			d := l.p.dLogits.at(m)[:classes]
			for u, p := range softmax {
				d[u] = T(p * scale)
			}
			d[l.y[m]] = T((softmax[l.y[m]] - 1) * scale)
		}
	}}}
}

// addTo adds the losses of the images, in their order, and counts the correct ones.
func (l *loss[T]) addTo(m *engine.Metrics, images int) {
	for i := range images {
		m.Loss += l.losses[i]
		if l.correct[i] {
			m.Correct++
		}
	}
}
