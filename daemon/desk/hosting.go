package desk

import (
	"time"

	"countersign/daemon/fault"
	"countersign/daemon/id"
	"countersign/daemon/provider"
	"countersign/daemon/visit"
)

// Hosting is whose links are given out (R37).
type Hosting struct {
	Wanted bool   // the settings ask for the provider's own
	Able   bool   // the provider of new checkouts hosts links
	Title  string // that provider's name, as people write it
}

// Hosting tells whose links are given out: the provider's if they are wanted and
// it is able to, and otherwise the daemon's.
func (d *Desk) Hosting() (h Hosting, err error) {
	err = d.view(func(o *op) error {
		at, err := o.preferred()
		h = Hosting{Wanted: d.cfg.ProviderLinks, Able: d.hosts(at), Title: d.Company(at)}
		return err
	})
	return h, err
}

// hosts tells whether a provider hosts links. One that can't be asked now, since
// its keys can't be read, may well: to give out another address meanwhile would
// lead phones nowhere.
func (d *Desk) hosts(name string) bool {
	p, there := d.Provider(name)
	_, able := p.(provider.Linker)
	return able || !there && name != ""
}

// linker names the provider whose own links are given out; false if the daemon's are.
func (o *op) linker() (at string, ok bool, err error) {
	if !o.d.cfg.ProviderLinks {
		return "", false, nil
	}
	at, err = o.preferred()
	return at, err == nil && o.d.hosts(at), err
}

// remakeTime is how long after a link was closed the next one is made. What it
// was closed for, such as an edit, is mostly written in that time, and changes
// what the next one has to ask for.
const remakeTime = 500 * time.Millisecond

// hosted is the link that a visit goes by at a provider; false if it has none.
func (o *op) hosted(which id.Visit) (h visit.Hosted, ok bool, err error) {
	for h, err := range o.hostings.Where(o.tx, o.byHost, string(which)) {
		if err != nil || h.Current() {
			return h, err == nil, err
		}
	}
	return visit.Hosted{}, false, nil
}

func (o *op) putHosted(h visit.Hosted) error {
	if err := o.hostings.Put(o.tx, h); err != nil {
		return err
	}
	return o.tell(LinkChanged, Detail{Visit: h.Visit, State: string(h.State), Amount: h.Amount, Currency: string(h.Currency), Provider: h.Provider})
}

// relink closes the link of a visit that asks for what isn't due any more, and
// has another one made if the visit is on show (R30). Whatever saves a visit
// comes through here, so no link outlives its amount.
func (o *op) relink(v visit.Visit) error {
	h, ok, err := o.hosted(v.ID)
	if err != nil {
		return err
	}
	if ok {
		at, err := o.preferred()
		if err != nil || h.Asks(v) && h.Provider == at {
			return err
		}
		if err := o.closeHosted(h); err != nil {
			return err
		}
	}
	return o.relinkShown(v, 0)
}

// relinkShown has a link made for a visit that is on show without one.
func (o *op) relinkShown(v visit.Visit, after time.Duration) error {
	if _, hosting, err := o.linker(); err != nil || !hosting {
		return err
	}
	scenes, err := o.showing(v.ID)
	if err != nil {
		return err
	}
	for _, s := range scenes {
		if s.Up() {
			_, err := o.want(v, after)
			return err
		}
	}
	return nil
}

// LinkShown has links made for the visits that are on show without one, as at
// the start after the settings changed.
func (d *Desk) LinkShown() error {
	return d.update(func(o *op) error {
		if _, hosting, err := o.linker(); err != nil || !hosting {
			return errUnchanged
		}
		return o.linkShown()
	})
}

func (o *op) linkShown() error {
	for s, err := range o.scenes.All(o.tx) {
		if err != nil {
			return err
		}
		if !s.Up() {
			continue
		}
		v, err := o.visit(s.Visit)
		if err != nil {
			return err
		}
		if err := o.relink(v); err != nil {
			return err
		}
	}
	return nil
}

// linkElsewhere closes the links at other providers than the one that new
// checkouts go to, and has new ones made for what is on show.
func (o *op) linkElsewhere(now string) error {
	var left []visit.Hosted
	for h, err := range o.hostings.Prefix(o.tx, o.byHost, "") {
		if err != nil {
			return err
		}
		if h.Provider != now {
			left = append(left, h)
		}
	}
	for _, h := range left {
		if err := o.closeHosted(h); err != nil {
			return err
		}
	}
	return o.linkShown()
}

// noLinks refuses while a provider has links of ours: with the keys of another
// account they can't be closed any more.
func (o *op) noLinks(name string) error {
	for h, err := range o.hostings.Prefix(o.tx, o.byHost, "") {
		if err != nil {
			return err
		}
		if h.Provider == name && h.State != visit.Refusal {
			return fault.New(fault.Conflict, "links_open",
				"Clients may still pay through links of the account that was there before. Please choose another provider for new payments first: that closes them.")
		}
	}
	return nil
}

// give is want for somebody who is waiting: a link that the provider refused to
// make is asked for once more.
func (o *op) give(v visit.Visit) (visit.Hosted, error) {
	h, ok, err := o.hosted(v.ID)
	if err != nil {
		return h, err
	}
	if ok && h.State == visit.Refusal {
		if err := o.closeHosted(h); err != nil {
			return h, err
		}
	}
	if h, err = o.want(v, 0); err != nil || h.ID == "" {
		return h, err
	}
	h.Given = o.now
	return h, o.hostings.Put(o.tx, h)
}

// want returns the link of a visit, and has it made if there is none: the intent
// and its key are stored before the provider is called. There is none where the
// visit can't be paid by link, or is being paid otherwise.
func (o *op) want(v visit.Visit, after time.Duration) (visit.Hosted, error) {
	at, hosting, err := o.linker()
	if err != nil || !hosting || v.CanLink() != nil {
		return visit.Hosted{}, err
	}
	if h, ok, err := o.hosted(v.ID); err != nil || ok {
		return h, err
	}
	if free, err := o.freeToLink(v); err != nil || !free {
		return visit.Hosted{}, err
	}
	h := visit.Hosted{ID: o.d.ids.Hosted(), Visit: v.ID, Provider: at, Amount: v.Due(), Currency: v.Currency, State: visit.Making,
		Created: o.now, JobID: o.d.ids.Job()}
	// Phones that can't reach us stay on the provider's page when they have paid.
	request, err := o.request(visit.Checkout{ID: id.Checkout(h.ID), JobID: h.JobID, Amount: h.Amount, Currency: h.Currency}, v)
	request.ReturnURL, request.CancelURL = "", ""
	if err != nil {
		return visit.Hosted{}, err
	}
	if err := o.jobs.Add(o.tx, string(h.JobID), o.now.Add(after), Job{Kind: JobLink, Hosted: h.ID, Provider: at, Request: &request}); err != nil {
		return visit.Hosted{}, err
	}
	return h, o.putHosted(h)
}

// freeToLink tells whether a link may be made beside the visit's checkout: not
// while money is on its way, and not beside a page that wasn't opened through
// one, which is asked to close.
func (o *op) freeToLink(v visit.Visit) (bool, error) {
	if v.Checkout == "" {
		return true, nil
	}
	c, err := o.checkout(v.Checkout)
	if err != nil || c.State == visit.Processing || c.Hosted != "" {
		return err == nil && c.State != visit.Processing, err
	}
	if v.Blocked(o.now) {
		return false, nil
	}
	return false, o.askCancel(c)
}

// closeHosted asks for the end of a link, and of the pages that were opened
// through it. It is off the glass from here on (R30); what is paid until the
// provider has answered is booked.
func (o *op) closeHosted(h visit.Hosted) error {
	if !h.Apply(visit.NotWanted, o.now) {
		return nil
	}
	if h.State == visit.Closing {
		if err := o.unlink(h); err != nil {
			return err
		}
	}
	return o.putHosted(h)
}

// unlink queues the closing of a link, and notes that it was asked for on its checkouts.
func (o *op) unlink(h visit.Hosted) error {
	if err := o.jobs.Add(o.tx, unlinkJob(h.ID), o.now, Job{Kind: JobUnlink, Hosted: h.ID, Provider: h.Provider}); err != nil {
		return err
	}
	open, err := o.openOf(h.Visit)
	if err != nil {
		return err
	}
	for _, c := range open {
		if c.Hosted != h.ID || !c.Apply(visit.CancelAsked, o.now) {
			continue
		}
		if err := o.putCheckout(c); err != nil {
			return err
		}
	}
	return nil
}

func unlinkJob(which id.Hosted) string { return "unlink-" + string(which) }

// openOf lists the checkouts of a visit that aren't final: one, or all those
// that were opened through its link.
func (o *op) openOf(which id.Visit) (open []visit.Checkout, err error) {
	for c, err := range o.checkouts.Where(o.tx, o.byOpen, string(which)) {
		if err != nil {
			return nil, err
		}
		open = append(open, c)
	}
	return open, nil
}
