use super::*;
use shared::FieldError;
use shared::issuers::{TicketExample, TicketPicture};

fn branch() -> BranchView {
    let word = || "X".to_owned();
    let example = TicketExample {
        date: word(),
        order: word(),
        ticket: word(),
        lines: Vec::new(),
        subtotal: word(),
        tax: (word(), word()),
        total: word(),
        payment: word(),
    };
    let ticket = TicketPicture {
        head: Vec::new(),
        date_label: word(),
        order_label: word(),
        ticket_label: word(),
        total_label: word(),
        payment_label: word(),
        example,
        foot: Vec::new(),
    };
    BranchView {
        id: Uuid::from_u128(7),
        name: "Centro".to_owned(),
        postal_code: "06010".to_owned(),
        city: "Ciudad de México".to_owned(),
        time_zone: "America/Mexico_City".to_owned(),
        ticket,
    }
}

fn claim(text: &str, forma_pago: Option<&str>) -> TicketClaim {
    let at = shared::time::LocalTime { instant: String::new(), civil: String::new(), zone: String::new() };
    TicketClaim {
        claim: text.to_owned(),
        expires_at: "60".to_owned(),
        total: "863.00".to_owned(),
        currency: "MXN".to_owned(),
        forma_pago: forma_pago.map(str::to_owned),
        invoice_until: "2026-11-30".to_owned(),
        sold_at: at,
    }
}

fn filled() -> Draft {
    let mut draft = Draft { branch: Some(branch()), ..Draft::default() };
    for (field, typed) in [
        (Field::Rfc, "quia-850712-aa1"),
        (Field::Order, "4471-20983"),
        (Field::Ticket, "0048213"),
        (Field::Total, "$863"),
        (Field::FormaPago, "28"),
        (Field::Nombre, "Amaranta Quintil Ibarra"),
        (Field::Regimen, "612"),
        (Field::CodigoPostal, "06010"),
        (Field::Uso, "G03"),
        (Field::Email, "amaranta@quintil.example"),
    ] {
        draft.type_in(field, typed.to_owned());
    }
    draft
}

fn claimed() -> Draft {
    let mut draft = filled();
    let ticket = draft.look_up().unwrap();
    draft.claim_for(ticket, claim("first", None));
    draft
}

fn key(n: u128) -> impl FnOnce() -> Uuid {
    move || Uuid::from_u128(n)
}

fn refusal(code: ProblemCode, pointer: &str, field: FieldCode) -> Problem {
    Problem {
        errors: vec![FieldError { pointer: pointer.to_owned(), code: field, detail: None }],
        ..Problem::new(code)
    }
}

#[test]
fn every_field_is_found_by_its_pointer_and_its_id_is_its_own() {
    for field in Field::ALL {
        assert!(Field::at(field.pointer()) == Some(field));
        assert_eq!(Field::ALL.iter().filter(|other| other.id() == field.id()).count(), 1);
    }
    assert!(Field::at("/otro").is_none());
}

#[test]
fn a_kept_draft_is_read_back_whole_and_anything_else_is_a_new_one() {
    let mut draft = claimed();
    draft.attempt(Lang::Es, key(1));
    draft.refuse(Field::Nombre, Wrong::Refused(ProblemCode::ReceptorNameDiffers));
    assert!(Draft::read(draft.written().as_deref()) == draft);
    let older = draft.written().unwrap().replace("\"version\":1", "\"version\":0");
    for kept in [None, Some(""), Some("{}"), Some(older.as_str())] {
        assert!(Draft::read(kept) == Draft::default(), "{kept:?}");
    }
}

#[test]
fn a_step_ahead_leads_to_the_first_one_open() {
    let mut draft = Draft::default();
    assert!(draft.missing_before(Page::Review, false) == Some(Page::Branch));
    assert!(draft.missing_before(Page::Branch, false).is_none());
    assert!(draft.missing_before(Page::Rehearsal, false).is_none());
    draft.branch = Some(branch());
    assert!(draft.missing_before(Page::Rfc, false).is_none());
    assert!(draft.missing_before(Page::Ticket, false) == Some(Page::Rfc));
    // All typed, but the ticket was not looked up.
    assert!(filled().missing_before(Page::Receptor, false) == Some(Page::Ticket));
    assert!(claimed().missing_before(Page::Review, false).is_none());
    // The wizard of three steps asks for the receiver before the ticket.
    assert!(filled().missing_before(Page::Receptor, true).is_none());
    assert!(filled().missing_before(Page::Ticket, true).is_none());
    assert!(filled().missing_before(Page::Review, true) == Some(Page::Ticket));
    let unknown = Draft { nombre: String::new(), ..filled() };
    assert!(unknown.missing_before(Page::Ticket, true) == Some(Page::Receptor));
}

#[test]
fn a_total_is_looked_up_as_plain_centavos_however_it_is_typed() {
    for typed in ["$1,863.5", "1863.50", " 1,863.50 "] {
        let mut draft = filled();
        draft.type_in(Field::Total, typed.to_owned());
        assert_eq!(draft.look_up().unwrap().total, "1863.50");
        assert!(draft.wrong(Field::Total).is_none(), "{typed}");
    }
    let mut draft = filled();
    draft.type_in(Field::Total, "1.863,50".to_owned());
    assert!(draft.wrong(Field::Total) == Some(Wrong::Shape(FieldCode::Amount)));
}

#[test]
fn a_claim_is_only_for_the_data_it_was_given_for() {
    let mut draft = claimed();
    draft.type_in(Field::Ticket, "0048214".to_owned());
    assert!(draft.claim().is_none());
    draft.type_in(Field::Ticket, "0048213".to_owned());
    assert_eq!(draft.claim().unwrap().claim, "first");
}

#[test]
fn a_claim_near_its_end_is_not_fresh() {
    let draft = claimed();
    let ends = |_: &str| Some(100_000.0);
    assert!(draft.fresh_claim(0.0, ends).is_some());
    assert!(draft.fresh_claim(50_000.0, ends).is_none());
    assert!(draft.fresh_claim(0.0, |_| None).is_none());
}

#[test]
fn the_forma_de_pago_is_asked_for_only_when_the_till_sent_none() {
    let mut draft = filled();
    draft.type_in(Field::FormaPago, String::new());
    assert!(draft.wrong(Field::FormaPago).is_none());
    let ticket = draft.look_up().unwrap();
    draft.claim_for(ticket.clone(), claim("none", None));
    assert!(draft.wrong(Field::FormaPago) == Some(Wrong::Shape(FieldCode::NotInCatalog)));
    draft.claim_for(ticket, claim("till", Some("04")));
    assert!(draft.wrong(Field::FormaPago).is_none());
    assert_eq!(draft.chosen_forma_pago(), "04");
    assert_eq!(draft.attempt(Lang::Es, key(1)).unwrap().order.forma_pago, None);
}

#[test]
fn an_order_without_answer_is_repeated_word_for_word() {
    let mut draft = claimed();
    let first = draft.attempt(Lang::Es, key(1)).unwrap();
    // Another language or a renewed claim would make the same key another request.
    let ticket = draft.look_up().unwrap();
    draft.claim_for(ticket, claim("second", None));
    let again = draft.attempt(Lang::En, key(2)).unwrap();
    assert!(again == first);
    assert_eq!(again.key, Uuid::from_u128(1));
}

#[test]
fn other_data_are_another_order() {
    for (field, typed) in [
        (Field::Nombre, "Otra Persona"),
        (Field::Email, "otra@quintil.example"),
        (Field::FormaPago, "01"),
        (Field::Uso, "G01"),
    ] {
        let mut draft = claimed();
        draft.attempt(Lang::Es, key(1));
        draft.type_in(field, typed.to_owned());
        assert!(draft.unanswered().is_none());
        assert_eq!(draft.attempt(Lang::Es, key(2)).unwrap().key, Uuid::from_u128(2));
    }
}

#[test]
fn a_definite_refusal_gives_the_key_up_and_marks_its_fields() {
    let mut draft = claimed();
    draft.attempt(Lang::Es, key(1));
    let problem = refusal(ProblemCode::ReceptorNameDiffers, "/receptor/nombre", FieldCode::RefusedBySat);
    assert!(draft.refused(&problem) == [Field::Nombre]);
    assert!(draft.wrong(Field::Nombre) == Some(Wrong::Refused(ProblemCode::ReceptorNameDiffers)));
    assert!(draft.has_refusals_on(Page::Receptor) && !draft.has_refusals_on(Page::Rfc));
    // It may be sent again as it is: that is not an open step.
    assert!(draft.missing_before(Page::Review, false).is_none());
    assert_eq!(draft.attempt(Lang::Es, key(2)).unwrap().key, Uuid::from_u128(2));
}

#[test]
fn what_the_sat_refused_counts_until_the_receiver_is_changed() {
    let mut draft = claimed();
    draft.refuse(Field::Nombre, Wrong::Refused(ProblemCode::ReceptorNameDiffers));
    draft.type_in(Field::Email, "otra@quintil.example".to_owned());
    draft.type_in(Field::Nombre, "Amaranta Quintil Ibarra".to_owned());
    assert!(draft.wrong(Field::Nombre).is_some());
    draft.type_in(Field::Rfc, "EKU9003173C9".to_owned());
    assert!(draft.wrong(Field::Nombre).is_none());
}

#[test]
fn an_expired_claim_is_dropped_and_the_rest_stays() {
    let mut draft = claimed();
    draft.attempt(Lang::Es, key(1));
    draft.refused(&Problem::new(ProblemCode::ClaimExpired));
    assert!(draft.claim().is_none() && draft.unanswered().is_none());
    assert_eq!(draft.nombre, "Amaranta Quintil Ibarra");
}

#[test]
fn a_stamped_ticket_leaves_and_the_receiver_stays_for_the_next() {
    let mut draft = claimed();
    draft.became(Uuid::from_u128(9), true);
    assert!(draft.order.is_empty() && draft.ticket.is_empty() && draft.total.is_empty());
    assert!(draft.claim().is_none() && draft.branch.is_some());
    assert_eq!((draft.rfc.as_str(), draft.email.as_str()), ("quia-850712-aa1", "amaranta@quintil.example"));
}

#[test]
fn a_waiting_ticket_stays_until_its_own_invoice_is_stamped() {
    let (mine, other) = (Uuid::from_u128(9), Uuid::from_u128(10));
    let mut draft = claimed();
    draft.attempt(Lang::Es, key(1));
    draft.became(mine, false);
    assert!(draft.is_for(mine) && draft.unanswered().is_none());
    draft.stamped(other);
    assert_eq!(draft.ticket, "0048213");
    draft.stamped(mine);
    assert!(draft.ticket.is_empty() && !draft.is_for(mine));
}
