package relay

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"countersign/daemon/desk"
	"countersign/daemon/notify"
)

// lettersTogether is how many messages are sent at once. They have slots of
// their own: a mail server that hangs must hold up no payment.
const lettersTogether = 4

// Courier sends the messages of one Desk.
type Courier struct {
	desk *desk.Desk
	log  zerolog.Logger
}

// NewCourier returns a Courier for a Desk.
func NewCourier(d *desk.Desk, log zerolog.Logger) *Courier { return &Courier{desk: d, log: log} }

// Run sends messages as they fall due, until ctx ends; it returns once the last
// one has stored its result.
func (c *Courier) Run(ctx context.Context) error {
	return loop{log: c.log, together: lettersTogether, changed: c.desk.Changed,
		due: func(limit int) ([]task, time.Time, error) {
			due, next, err := c.desk.DueDeliveries(limit)
			return tasks(due, func(desk.Parcel) string { return "" }), next, err
		},
		take: func(parcel string) (func(context.Context) error, error) {
			out, ok, err := c.desk.TakeDelivery(parcel, retryTime)
			if err != nil || !ok {
				return nil, err
			}
			return func(ctx context.Context) error { return c.send(ctx, out) }, nil
		}}.run(ctx)
}

// send makes one attempt. What went wrong is stored for staff to read, and the
// log has none of it: a server's answer may quote a client's address.
func (c *Courier) send(ctx context.Context, out desk.Outgoing) error {
	by, ok := c.desk.Sender(out.Delivery.Channel)
	err := error(notify.Errorf(notify.Unavailable, desk.WhyNotConfigured))
	if ok {
		err = by.Send(ctx, out.Message)
	}
	if err != nil {
		c.log.Warn().Str("delivery", string(out.Delivery.ID)).Str("channel", string(out.Delivery.Channel)).
			Stringer("outcome", notify.KindOf(err)).Msg("message not sent")
	}
	return c.desk.DeliveryEnded(out.Delivery.ID, err, delay(out.Task.Attempts))
}
