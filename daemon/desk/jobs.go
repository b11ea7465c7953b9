package desk

import (
	"slices"
	"time"

	"countersign/daemon/fiscal"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
	"countersign/store"
)

// JobKind names what a job does.
type JobKind string

// The jobs at a provider.
const (
	JobCreate JobKind = "create"
	JobCancel JobKind = "cancel"
	JobRefund JobKind = "refund"
	JobLink   JobKind = "link"   // makes a link that the provider hosts
	JobUnlink JobKind = "unlink" // closes it, with the pages that were opened through it
)

// JobFiscal registers a receipt at the fiscal device, which Provider names.
const JobFiscal JobKind = "fiscal"

// Job is something to do at a provider, for a checkout, a link or a refund. Its task's
// id is the idempotency key, and the request to create a checkout is kept as it
// was first made: a repeated key with another body is refused by providers.
type Job struct {
	Kind     JobKind           `json:"kind"`
	Checkout id.Checkout       `json:"checkout,omitempty"`
	Hosted   id.Hosted         `json:"hosted,omitempty"`
	Refund   id.Payment        `json:"refund,omitempty"`
	Payment  id.Payment        `json:"payment,omitempty"` // of JobFiscal
	Provider string            `json:"provider"`
	Request  *provider.Request `json:"request,omitempty"`
}

// Lane names what a job may be held up by: others of its kind at the same
// provider or device, and nothing else. A fiscal device that hangs mustn't keep
// clients from their payment page, nor refunds that take their time, nor
// another company.
func (j Job) Lane() string { return string(j.Kind) + "/" + j.Provider }

// DueJobs lists the jobs that are due, at most limit of each lane, and when the
// next one will be that isn't due yet (zero if there is none). Pages to be made
// come first: a client waits for each.
func (d *Desk) DueJobs(limit int) (due []store.Task[Job], next time.Time, err error) {
	err = d.view(func(o *op) error {
		all, err := o.jobs.Due(o.tx, 0)
		if err != nil {
			return err
		}
		lanes := map[string]int{}
		for _, job := range all {
			lane := job.Value.Lane()
			if lanes[lane]++; lanes[lane] <= limit {
				due = append(due, job)
			}
		}
		next, _, err = o.jobs.NextAfter(o.tx)
		return err
	})
	slices.SortStableFunc(due, func(a, b store.Task[Job]) int { return waits(a) - waits(b) })
	return due, next, err
}

// waits is 0 for a job that a client waits for, and 1 for all others.
func waits(job store.Task[Job]) int {
	if job.Value.Kind == JobCreate {
		return 0
	}
	return 1
}

// Work is a job with what it needs, handed out for one attempt.
type Work struct {
	Task     store.Task[Job]
	Checkout visit.Checkout         // of those that create or cancel one
	Hosted   visit.Hosted           // of those that make or close a link
	Request  provider.Request       // of JobCreate and JobLink
	Refund   provider.RefundRequest // of JobRefund
	Asked    time.Time              // when staff asked for the refund
	Unsure   bool                   // the refund may have been made by an earlier attempt
	Receipt  fiscal.Receipt         // of JobFiscal
}

// TakeJob hands out a job for one attempt; the attempt and when the next one
// would be are stored before it is made, so a crash can't repeat it at once.
// ok is false when the job is gone or nothing is left of it to do.
func (d *Desk) TakeJob(job string, retry time.Duration) (w Work, ok bool, err error) {
	err = d.update(func(o *op) error {
		task, found, err := o.jobs.Take(o.tx, job, o.now.Add(retry))
		if err != nil || !found {
			return err
		}
		w = Work{Task: task}
		switch task.Value.Kind {
		case JobRefund:
			ok, err = o.refundWork(&w)
		case JobFiscal:
			ok, err = o.fiscalWork(&w)
		case JobLink, JobUnlink:
			ok, err = o.linkWork(&w)
		default:
			ok, err = o.checkoutWork(&w)
		}
		if err == nil && !ok {
			err = o.jobs.Done(o.tx, job)
		}
		return err
	})
	return w, ok, err
}

func (o *op) checkoutWork(w *Work) (ok bool, err error) {
	job := w.Task.Value
	if w.Checkout, err = o.checkout(job.Checkout); err != nil {
		return false, err
	}
	if job.Request != nil {
		w.Request = *job.Request
	}
	return !w.Checkout.Final() && (job.Kind != JobCreate || w.Checkout.Session == ""), nil
}

// PostponeJob stores why an attempt failed and when to try again.
func (d *Desk) PostponeJob(job, reason string, after time.Duration) error {
	return d.update(func(o *op) error { return o.jobs.Fail(o.tx, job, reason, o.now.Add(after)) })
}
