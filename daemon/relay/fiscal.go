package relay

import (
	"context"

	"countersign/daemon/desk"
	"countersign/daemon/fiscal"
)

// register has a receipt registered at the fiscal device (R24). Whatever its
// outcome is not known is sent again with the same key, which never registers
// twice.
func (r *Relay) register(ctx context.Context, w desk.Work) error {
	device, ok := r.desk.FiscalDevice(w.Task.Value.Provider)
	if !ok {
		return r.desk.PostponeFiscal(w.Task.ID, "the fiscal device is not configured", delay(w.Task.Attempts))
	}
	record, err := device.Register(ctx, w.Receipt)
	if err == nil && record.Number == "" {
		err = fiscal.Errorf(fiscal.Unclear, "the fiscal device gave no number")
	}
	if err == nil {
		return r.desk.Registered(w.Task.ID, record)
	}
	r.log.Warn().Err(err).Str("receipt", w.Receipt.Key).Msg("receipt not registered")
	if fiscal.KindOf(err) == fiscal.Refused {
		return r.desk.NotRegistered(w.Task.ID, fiscal.Reason(err))
	}
	return r.desk.PostponeFiscal(w.Task.ID, fiscal.Reason(err), patience(w.Task.Attempts, err))
}
