package device

import "smoothscape/trainer/engine"

// guardedResident watches over what an engine.ResidentModel does besides.
type guardedResident struct {
	watch *watch
	model engine.ResidentModel
}

func (m *guardedResident) Keep(kept engine.Kept, momentum bool) (bytes int64, err error) {
	err = m.during("keeping images", 1, func() error {
		bytes, err = m.model.Keep(kept, momentum)
		return err
	})
	return bytes, err
}

func (m *guardedResident) Send(velocity []float32) error {
	return m.during("parameters to it", 1, func() error { return m.model.Send(velocity) })
}

func (m *guardedResident) Fetch(velocity []float32) error {
	return m.during("parameters from it", 1, func() error { return m.model.Fetch(velocity) })
}

func (m *guardedResident) Undo() error { return m.during("going back", 1, m.model.Undo) }

func (m *guardedResident) Updates(updates []engine.Update) (results []engine.UpdateResult, err error) {
	images := 0
	for _, u := range updates {
		for _, sample := range [][][]engine.View{u.Batch, u.First, u.Second} {
			for _, piece := range sample {
				images += len(piece)
			}
		}
	}
	err = m.during("updates", images, func() error {
		results, err = m.model.Updates(updates)
		return err
	})
	return results, err
}

func (m *guardedResident) EvalKept(from, to int) (metrics engine.Metrics, err error) {
	err = m.during("the loss of kept images", to-from, func() error {
		metrics, err = m.model.EvalKept(from, to)
		return err
	})
	return metrics, err
}

func (m *guardedResident) during(what string, images int, work func() error) error {
	return m.watch.info.fault(m.watch.during(what, images, work))
}
