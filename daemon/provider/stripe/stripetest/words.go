package stripetest

import "maps"

type words = map[string]any

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func tags(m map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, m)
	return out
}

// sessionWords is a checkout.session; whole has its payment in it.
func (s *Server) sessionWords(x *session, whole bool) words {
	w := words{
		"id": x.id, "object": "checkout.session", "livemode": s.opt.Live, "created": x.created, "expires_at": x.expires,
		"status": x.status, "payment_status": x.payment, "mode": "payment", "amount_total": x.amount, "amount_subtotal": x.amount,
		"currency": x.currency, "client_reference_id": orNull(x.reference), "metadata": tags(x.meta), "url": nil,
		"success_url": orNull(x.success), "cancel_url": orNull(x.cancel), "payment_intent": nil, "payment_link": orNull(x.link),
		"locale": orNull(x.locale), "payment_method_types": []string{"card"}, "automatic_tax": words{"enabled": false, "liability": nil, "provider": nil, "status": nil},
		"custom_fields": []any{}, "shipping_options": []any{}, "submit_type": "pay", "ui_mode": "hosted_page", "customer": nil,
		"custom_text":   words{"after_submit": nil, "shipping_address": nil, "submit": nil, "terms_of_service_acceptance": nil},
		"total_details": words{"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
	}
	if x.status == "open" {
		w["url"] = "https://checkout.stripe.com/c/pay/" + x.id
	}
	if x.intent != nil {
		w["payment_intent"] = x.intent.id
		if whole {
			w["payment_intent"] = s.intentWords(x.intent, true)
		}
	}
	return w
}

func (s *Server) intentWords(i *intent, whole bool) words {
	w := words{
		"id": i.id, "object": "payment_intent", "livemode": s.opt.Live, "created": i.created, "status": i.status, "amount": i.amount,
		"amount_received": 0, "currency": i.currency, "metadata": tags(i.meta), "latest_charge": i.charge, "last_payment_error": nil,
		"payment_method_types": []string{"card"}, "capture_method": "automatic_async", "confirmation_method": "automatic",
	}
	if i.status == "succeeded" {
		w["amount_received"] = i.amount
	}
	if i.trouble != "" {
		w["last_payment_error"] = words{"type": "invalid_request_error", "code": "payment_intent_payment_attempt_failed", "message": i.trouble}
	}
	if whole {
		w["latest_charge"] = s.chargeWords(i)
	}
	return w
}

func (s *Server) chargeWords(i *intent) words {
	status := map[string]string{"succeeded": "succeeded", "processing": "pending"}[i.status]
	if status == "" {
		status = "failed"
	}
	return words{
		"id": i.charge, "object": "charge", "livemode": s.opt.Live, "created": i.created, "status": status, "amount": i.amount,
		"amount_captured": i.amount, "amount_refunded": i.back, "captured": true, "currency": i.currency, "disputed": i.disputed,
		"metadata": tags(i.meta), "paid": status == "succeeded", "refunded": i.back == i.amount, "payment_intent": i.id,
		"billing_details": words{"address": nil, "email": nil, "name": nil, "phone": nil, "tax_id": nil},
		"payment_method":  nil, "payment_method_details": nil, "balance_transaction": nil, "customer": nil, "receipt_url": nil,
		"receipt_email": nil, "description": nil, "failure_code": nil, "failure_message": nil,
	}
}

func (s *Server) refundWords(r *refund) words {
	w := words{
		"id": r.id, "object": "refund", "created": r.created, "status": r.status, "amount": r.amount, "currency": r.intent.currency,
		"payment_intent": r.intent.id, "charge": r.intent.charge, "metadata": tags(r.meta), "reason": nil, "balance_transaction": nil,
		"receipt_number": nil, "source_transfer_reversal": nil, "transfer_reversal": nil,
	}
	if r.failure != "" {
		w["failure_reason"] = r.failure
	}
	return w
}

func (s *Server) disputeWords(d *dispute) words {
	evidence := words{}
	for _, name := range []string{"access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
		"cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name", "customer_purchase_ip",
		"customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id",
		"product_description", "receipt", "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date",
		"service_documentation", "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation",
		"shipping_tracking_number", "uncategorized_file", "uncategorized_text"} {
		evidence[name] = nil
	}
	evidence["enhanced_evidence"] = words{}
	return words{
		"id": d.id, "object": "dispute", "livemode": s.opt.Live, "created": d.created, "status": d.status, "reason": "fraudulent",
		"amount": d.amount, "currency": d.intent.currency, "charge": d.intent.charge, "payment_intent": d.intent.id, "metadata": words{},
		"balance_transactions": []any{}, "enhanced_eligibility_types": []any{}, "evidence": evidence, "is_charge_refundable": false,
		"evidence_details": words{"due_by": nil, "has_evidence": false, "past_due": false, "submission_count": 0,
			"enhanced_eligibility": words{}},
	}
}

func (s *Server) linkWords(l *link) words {
	after := words{"type": "hosted_confirmation", "hosted_confirmation": words{"custom_message": nil}}
	if l.success != "" {
		after = words{"type": "redirect", "redirect": words{"url": l.success}}
	}
	return words{
		"id": l.id, "object": "payment_link", "livemode": s.opt.Live, "active": l.active, "currency": l.currency, "metadata": tags(l.meta),
		"url":              l.url(),
		"after_completion": after, "allow_promotion_codes": false,
		"application": nil, "application_fee_amount": nil, "application_fee_percent": nil,
		"automatic_tax": words{"enabled": false, "liability": nil}, "billing_address_collection": "auto", "consent_collection": nil,
		"custom_fields": []any{}, "custom_text": words{"after_submit": nil, "shipping_address": nil, "submit": nil, "terms_of_service_acceptance": nil},
		"customer_creation": "if_required", "inactive_message": nil, "invoice_creation": nil, "on_behalf_of": nil,
		"payment_intent_data":       words{"capture_method": nil, "description": nil, "metadata": tags(l.intentMeta), "setup_future_usage": nil, "statement_descriptor": nil, "statement_descriptor_suffix": nil, "transfer_group": nil},
		"payment_method_collection": "always", "payment_method_types": nil, "phone_number_collection": words{"enabled": false},
		"restrictions":                words{"completed_sessions": words{"count": l.completed, "limit": l.limit}},
		"shipping_address_collection": nil, "shipping_options": []any{}, "submit_type": "pay", "subscription_data": nil,
		"tax_id_collection": words{"enabled": false, "required": "never"}, "transfer_data": nil,
	}
}

func (s *Server) accountWords() words {
	return words{"id": s.opt.Account, "object": "account", "charges_enabled": true, "payouts_enabled": true, "details_submitted": true,
		"country": "DE", "default_currency": "eur", "type": "standard", "email": "salon@example.com",
		"business_profile": words{"name": "Salon Example", "mcc": "7230", "product_description": nil, "support_address": nil,
			"support_email": nil, "support_phone": nil, "support_url": nil, "url": nil}}
}
