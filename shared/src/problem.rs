//! Everything that can go wrong, by code: RFC 9457 problems and the errors of single fields.
use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

// A code is a `tt` and not a `literal`: the derive for OpenAPI cannot read a literal that a macro has wrapped, and would
// write the variant's own name into the document.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:tt $(, $status:literal)?;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$doc])* #[serde(rename = $code)] $variant,)+ }
        impl $name {
            /// All of them, in the order of the table.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];
            /// The code on the wire: stable for ever.
            pub const fn as_str(self) -> &'static str { match self { $($name::$variant => $code,)+ } }
        }
        codes!(@status $name { $($variant $($status)?;)+ });
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
    };
    (@status $name:ident { $($variant:ident $status:literal;)+ }) => {
        impl $name {
            /// The HTTP status it is answered with.
            pub const fn status(self) -> u16 { match self { $($name::$variant => $status,)+ } }
        }
    };
    (@status $name:ident { $($variant:ident;)+ }) => {};
}

codes! {
    /// What a whole request can come to. The words are in [`crate::problem_text`].
    ProblemCode {
        /// Some fields are wrong: `errors` names them all.
        InvalidFields = "invalid_fields", 422;
        /// The body is not JSON of the documented shape.
        MalformedBody = "malformed_body", 400;
        /// The address or its query is not of the documented shape.
        MalformedAddress = "malformed_address", 400;
        /// The body is larger than allowed.
        BodyTooLarge = "body_too_large", 413;
        /// The body did not arrive in time.
        BodyTooSlow = "body_too_slow", 408;
        /// Only `application/json` is read here.
        UnsupportedMediaType = "unsupported_media_type", 415;
        /// No such thing, or not for this caller.
        NotFound = "not_found", 404;
        /// The address exists, the verb does not.
        MethodNotAllowed = "method_not_allowed", 405;
        /// The Host header names another site.
        WrongHost = "wrong_host", 421;
        /// A request from another site's page.
        CrossSite = "cross_site", 403;
        /// Nobody is signed in, or the session ended.
        SignedOut = "signed_out", 401;
        /// No user has this name and this password.
        WrongCredentials = "wrong_credentials", 401;
        /// Too many wrong passwords for one account or from one source.
        SignInHeld = "sign_in_held", 429;
        /// The session may only choose a new password.
        MustChangePassword = "must_change_password", 403;
        /// The link is not ours, was used, or its time is over.
        LinkExpired = "link_expired", 409;
        /// The code is not the present one, was used, or its time is over.
        WrongCode = "wrong_code", 401;
        /// The time between password and code is over: the password again.
        SecondStepExpired = "second_step_expired", 401;
        /// Too many codes in a row were wrong: the second step rests for a day.
        SecondStepHeld = "second_step_held", 429;
        /// The passkey's answer is not good: another one's, used, too late, or of a copy.
        PasskeyRefused = "passkey_refused", 401;
        /// This portal stands at an IP address, where no browser takes a passkey.
        PasskeysUnavailable = "passkeys_unavailable", 409;
        /// The request about personal data was answered before.
        CaseAnswered = "case_answered", 409;
        /// Too many passwords opened no sealing key of this issuer.
        CertificateHeld = "certificate_held", 429;
        /// Staff must set the second step up before anything else.
        SecondFactorNeeded = "second_factor_needed", 403;
        /// Staff cannot do without the second step.
        SecondFactorCompulsory = "second_factor_compulsory", 409;
        /// Password or code once more before this act (A13).
        ProofNeeded = "proof_needed", 403;
        /// This is for whoever runs the issuer or the installation.
        OperatorNeeded = "operator_needed", 403;
        /// Without a fresh proof of work, or with one that was used.
        WorkNeeded = "work_needed", 403;
        /// This is for whoever administers the customer's account.
        OwnerNeeded = "owner_needed", 403;
        /// The last one who can do this cannot go.
        LastOne = "last_one", 409;
        /// A look at a customer's pages changes nothing.
        ViewOnly = "view_only", 403;
        /// An act that creates something needs an Idempotency-Key.
        IdempotencyKeyMissing = "idempotency_key_missing", 400;
        /// The key was used with another body.
        IdempotencyKeyReused = "idempotency_key_reused", 422;
        /// The first request with this key is still running.
        IdempotencyInFlight = "idempotency_in_flight", 409;
        /// Busy: nothing was done.
        Busy = "busy", 503;
        /// The database has another schema than this program knows.
        SchemaDiffers = "schema_differs", 503;
        /// Too many requests from one source.
        TooManyRequests = "too_many_requests", 429;
        /// Our fault; it was logged.
        Internal = "internal", 500;
        /// No ticket has these data; also any wrong one of them.
        TicketNotFound = "ticket_not_found", 404;
        /// Too many wrong tries.
        TicketHeld = "ticket_held", 429;
        /// The last day to invoice has passed.
        TicketExpired = "ticket_expired", 409;
        /// The sale was cancelled.
        TicketCancelled = "ticket_cancelled", 409;
        /// It has its invoice already.
        TicketAlreadyInvoiced = "ticket_already_invoiced", 409;
        /// It went into the global invoice.
        TicketInGlobal = "ticket_in_global", 409;
        /// Its invoice is being made at this moment.
        TicketInProgress = "ticket_in_progress", 409;
        /// Its invoice would be longer than any that can be printed.
        TicketTooLong = "ticket_too_long", 422;
        /// The claim is not ours, or its time is over.
        ClaimExpired = "claim_expired", 409;
        /// The PAC says that RFC is not registered.
        ReceptorRfcUnknown = "receptor_rfc_unknown", 422;
        /// The name does not match the RFC.
        ReceptorNameDiffers = "receptor_name_differs", 422;
        /// The postal code does not match the RFC.
        ReceptorPostalCodeDiffers = "receptor_postal_code_differs", 422;
        /// The regime is not one of that RFC.
        ReceptorRegimenDiffers = "receptor_regimen_differs", 422;
        /// The use is not allowed for that regime.
        ReceptorUsoNotAllowed = "receptor_uso_not_allowed", 422;
        /// The issuer's certificate or register is at fault.
        IssuerNotReady = "issuer_not_ready", 503;
        /// The PAC refused for another reason.
        StampRefused = "stamp_refused", 422;
        /// The issuer's daily ceiling was reached.
        IssuerCeiling = "issuer_ceiling", 503;
        /// The invoice has no stamp yet, so there is no file.
        InvoiceNotStamped = "invoice_not_stamped", 409;
        /// Too many letters today: to one address, of one invoice, or asked for by one person.
        MailLimit = "mail_limit", 429;
        /// More documents than one file takes.
        TooManyDocuments = "too_many_documents", 422;
        /// This person may see, not pay.
        PayerNeeded = "payer_needed", 403;
        /// Balances are no longer as the order says: `balances` has them as they are. Nothing was charged.
        BalancesChanged = "balances_changed", 409;
        /// Its bank has answered, or may be answering: giving it up is no longer possible.
        PaymentNotCancellable = "payment_not_cancellable", 409;
        /// It is paid, under way, or has tried too often: order another one.
        PaymentNotRetryable = "payment_not_retryable", 409;
        /// What is asked does not fit how the payment stands: its money is not here, or it was done before.
        PaymentStateDiffers = "payment_state_differs", 409;
        /// Something newer was said of this receivable before.
        ReceivableNewer = "receivable_newer", 409;
        /// A notice in a bank's name that is not proved to be its word.
        NotTheBank = "not_the_bank", 401;
        /// The bank cannot be reached, so nobody was sent to it. Nothing was charged.
        BankUnavailable = "bank_unavailable", 503;
        /// No key of the API, or one that is not ours, expired, or was revoked.
        ApiKeyUnknown = "api_key_unknown", 401;
        /// The key may not do this.
        ScopeMissing = "scope_missing", 403;
        /// The key asks more often than allowed.
        ApiKeyLimit = "api_key_limit", 429;
        /// The publisher's id, the folio fiscal or the number is another document's.
        DocumentDiffers = "document_differs", 409;
        /// Another sale has this branch, order and ticket number.
        TicketNumbersTaken = "ticket_numbers_taken", 409;
        /// The issuer has as many webhook endpoints as it may.
        TooManyEndpoints = "too_many_endpoints", 409;
        /// The issuer has as many live keys as it may.
        TooManyKeys = "too_many_keys", 409;
        /// Nothing is sent to this endpoint until it is enabled.
        EndpointDisabled = "endpoint_disabled", 409;
        /// Documents, balances or people depend on the contract.
        ContractInUse = "contract_in_use", 409;
    }
}

codes! {
    /// What can be wrong with one field. The words are in [`crate::problem_text`].
    FieldCode {
        /// Empty.
        Required = "required";
        /// Longer than allowed.
        TooLong = "too_long";
        /// Characters that cannot be there.
        Characters = "characters";
        /// Not an amount such as `863.00`.
        Amount = "amount";
        /// Zero or negative.
        NotPositive = "not_positive";
        /// Not a mail address, or more than one.
        Email = "email";
        /// Not a code of the SAT's catalogue.
        NotInCatalog = "not_in_catalog";
        /// An RFC has 12 or 13 characters.
        RfcLength = "rfc_length";
        /// Letters and digits in the wrong places.
        RfcPattern = "rfc_pattern";
        /// Its date does not exist.
        RfcDate = "rfc_date";
        /// A generic RFC cannot ask for this.
        RfcGeneric = "rfc_generic";
        /// Five digits.
        PostalCode = "postal_code";
        /// That regime is not for this kind of person.
        RegimenPersona = "regimen_persona";
        /// That use is not for this kind of person.
        UsoPersona = "uso_persona";
        /// That use is not for this regime.
        UsoRegimen = "uso_regimen";
        /// The till already said another one.
        FormaPagoFixed = "forma_pago_fixed";
        /// Missing, foreign or expired.
        Claim = "claim";
        /// As the SAT answered; see the problem's code.
        RefusedBySat = "refused_by_sat";
        /// Fewer characters than a password must have.
        PasswordShort = "password_short";
        /// One of the passwords that are tried first.
        PasswordCommon = "password_common";
        /// Contains the RFC, the mail address, a contract or the name.
        PasswordOwnData = "password_own_data";
        /// Not exactly eight characters of the four classes that the issuer asks for.
        PasswordHeredada = "password_heredada";
        /// Not the same password twice.
        PasswordDiffers = "password_differs";
        /// In small letters where capitals count.
        Capitals = "capitals";
        /// Has it already.
        AlreadyThere = "already_there";
        /// More of them than allowed.
        TooMany = "too_many";
        /// Not this person's password.
        WrongPassword = "wrong_password";
        /// Not a day that exists, `YYYY-MM-DD`.
        Date = "date";
        /// The last comes before the first, or is of another serie.
        Range = "range";
        /// Not a folio such as `60300` or `FA-60300`.
        Folio = "folio";
        /// Statements of account are found by date alone.
        DatesOnly = "dates_only";
        /// Named twice.
        Repeated = "repeated";
        /// More than can be paid of it now.
        MoreThanAvailable = "more_than_available";
        /// Not a balance of this customer's at this issuer.
        NoSuchBalance = "no_such_balance";
        /// An unknown field, or a value of the wrong type.
        Shape = "shape";
        /// Not a branch of the issuer.
        BranchUnknown = "branch_unknown";
        /// Not a date with its time, or one still to come.
        Instant = "instant";
        /// The lines add up to another amount: `detail` says the difference.
        TotalDiffers = "total_differs";
        /// Below zero or above its line.
        Discount = "discount";
        /// The number belongs to another customer.
        ContractTaken = "contract_taken";
        /// This id is of a customer with another RFC.
        RfcFixed = "rfc_fixed";
        /// In use already.
        Taken = "taken";
        /// That number of a bank's, with that amount, is another payment's.
        MoneyEntered = "money_entered";
        /// Not `#` and six hexadecimal digits.
        Color = "color";
        /// A whole number outside its limits.
        Number = "number";
        /// Not the name of a time zone.
        TimeZone = "time_zone";
        /// Neither a PNG of at most 600 pixels a side nor an SVG of plain shapes, or over 128 KB.
        Logo = "logo";
        /// Not a file of a certificate.
        CertificateFile = "certificate_file";
        /// An e.firma, which must never be given to a server.
        Fiel = "fiel";
        /// A certificate that may not seal here: of another RFC, no CSD, out of its dates, real in a rehearsal or a
        /// test one outside.
        CertificateUnfit = "certificate_unfit";
        /// Not a file of a key, or one of another certificate.
        KeyFile = "key_file";
        /// The password does not open the key.
        KeyPassword = "key_password";
        /// Not an https address that a webhook may have.
        WebhookUrl = "webhook_url";
        /// The name leads to an address that is not public, or to none.
        NotPublic = "not_public";
        /// Not a stamped CFDI, or none that can be kept, such as one in another currency: `detail` says why.
        Cfdi = "cfdi";
        /// Another company issued it.
        NotTheIssuer = "not_the_issuer";
        /// No customer has it.
        NoSuchCustomer = "no_such_customer";
        /// Not a PDF.
        NotPdf = "not_pdf";
        /// It was said otherwise before and cannot be changed.
        Fixed = "fixed";
        /// No customer of yours has this id.
        CustomerUnknown = "customer_unknown";
        /// The name of the PDF does not say what it is.
        PaperName = "paper_name";
    }
}

/// One wrong field: where, and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON pointer into the body (`/receptor/rfc`), or `?name` for a query parameter.
    pub pointer: String,
    /// What is wrong with it.
    pub code: FieldCode,
    /// Figures that help a developer, never to be parsed: by how much a total differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// All that is wrong with a form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// Adds one.
    pub fn add(&mut self, pointer: impl Into<String>, code: FieldCode) {
        self.0.push(FieldError { pointer: pointer.into(), code, detail: None });
    }

    /// Adds one with figures.
    pub fn add_with(&mut self, pointer: impl Into<String>, code: FieldCode, detail: impl Into<String>) {
        self.0.push(FieldError { pointer: pointer.into(), code, detail: Some(detail.into()) });
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first error of a field.
    pub fn of(&self, pointer: &str) -> Option<FieldCode> {
        self.0.iter().find(|error| error.pointer == pointer).map(|error| error.code)
    }
}

/// RFC 9457 problem, the only form of error the API answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Address of the code's page: `/problems/{code}`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's title, in English, for developers.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// What to match on.
    pub code: ProblemCode,
    /// About this occurrence, in English, for developers and operators. Nothing a person typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// All wrong fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The SAT's own code, when the PAC refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sat_code: Option<String>,
    /// The invoice this is about, when the caller may open it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_id: Option<Uuid>,
    /// A civil day this is about: the last day to invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// Balances as they are now, when an order to pay was made over others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub balances: Vec<crate::payments::BalanceRow>,
    /// Seconds to wait, as in Retry-After.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u32>,
    /// Number of the request in our logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    /// A problem that is only its code.
    pub fn new(code: ProblemCode) -> Problem {
        Problem {
            kind: format!("/problems/{code}"),
            title: crate::problem_text::problem(code, crate::Lang::En).title.to_owned(),
            status: code.status(),
            code,
            detail: None,
            errors: Vec::new(),
            sat_code: None,
            invoice_id: None,
            day: None,
            balances: Vec::new(),
            retry_after_seconds: None,
            request_id: None,
        }
    }

    /// A problem with all wrong fields.
    pub fn fields(errors: FieldErrors) -> Problem {
        Problem { errors: errors.0, ..Problem::new(ProblemCode::InvalidFields) }
    }
}
