//! The words of what a customer of the portal meets: sign-in and payments.
use super::{ProblemText, payments, people, text, upkeep};
use crate::problem::ProblemCode;

pub(super) const fn es(code: ProblemCode) -> Option<ProblemText> {
    use ProblemCode as P;
    Some(match code {
        P::WrongCredentials => text(
            "El usuario o la contraseña no coinciden.",
            "Por seguridad no decimos cuál de los dos.",
            "Revíselos e intente de nuevo, o recupere su contraseña.",
        ),
        P::SignInHeld => text(
            "La entrada está en pausa.",
            "Hubo varios intentos con otra contraseña; su cuenta y sus datos están a salvo.",
            "Espere unos minutos e intente de nuevo, o recupere su contraseña.",
        ),
        P::MustChangePassword => text(
            "Antes elija una contraseña nueva.",
            "Entró con una contraseña temporal, que solo sirve para eso.",
            "Elija su contraseña y continúe.",
        ),
        P::LinkExpired => text(
            "La liga ya no sirve.",
            "Se usó antes, pasó su tiempo o llegó incompleta.",
            "Pida otra; llegará a su correo en unos minutos.",
        ),
        P::BodyTooSlow => upkeep::BODY_TOO_SLOW_ES,
        P::MailLimit => upkeep::MAIL_LIMIT_ES,
        P::WrongCode => people::WRONG_CODE_ES,
        P::PasskeyRefused => people::PASSKEY_REFUSED_ES,
        P::PasskeysUnavailable => people::PASSKEYS_UNAVAILABLE_ES,
        P::SecondStepExpired => people::SECOND_STEP_EXPIRED_ES,
        P::SecondStepHeld => people::SECOND_STEP_HELD_ES,
        P::SecondFactorNeeded => people::SECOND_FACTOR_NEEDED_ES,
        P::SecondFactorCompulsory => people::SECOND_FACTOR_COMPULSORY_ES,
        P::ProofNeeded => people::PROOF_NEEDED_ES,
        P::OperatorNeeded => people::OPERATOR_NEEDED_ES,
        P::WorkNeeded => people::WORK_NEEDED_ES,
        P::OwnerNeeded => people::OWNER_NEEDED_ES,
        P::LastOne => people::LAST_ONE_ES,
        P::ViewOnly => people::VIEW_ONLY_ES,
        P::TooManyDocuments => text(
            "Son demasiados documentos para un solo archivo.",
            "Un ZIP lleva hasta 20,000 documentos; una lista, hasta un millón.",
            "Acote las fechas o los filtros y descargue por partes.",
        ),
        P::PayerNeeded => payments::PAYER_NEEDED_ES,
        P::BalancesChanged => payments::BALANCES_CHANGED_ES,
        P::PaymentNotCancellable => payments::NOT_CANCELLABLE_ES,
        P::PaymentNotRetryable => payments::NOT_RETRYABLE_ES,
        P::PaymentStateDiffers => payments::STATE_DIFFERS_ES,
        P::ReceivableNewer => payments::RECEIVABLE_NEWER_ES,
        P::NotTheBank => payments::NOT_THE_BANK_ES,
        P::BankUnavailable => payments::BANK_UNAVAILABLE_ES,
        _ => return None,
    })
}

pub(super) const fn en(code: ProblemCode) -> Option<ProblemText> {
    use ProblemCode as P;
    Some(match code {
        P::WrongCredentials => text(
            "The user or the password does not match.",
            "For safety we do not say which of the two.",
            "Check them and try again, or recover your password.",
        ),
        P::SignInHeld => text(
            "Signing in is paused.",
            "There were several tries with another password; your account and your data are safe.",
            "Wait some minutes and try again, or recover your password.",
        ),
        P::MustChangePassword => text(
            "First choose a new password.",
            "You came in with a temporary one, which is good for nothing else.",
            "Choose your password and go on.",
        ),
        P::LinkExpired => text(
            "The link is no longer good.",
            "It was used before, its time is over, or it arrived incomplete.",
            "Ask for another; it will be in your mailbox in some minutes.",
        ),
        P::BodyTooSlow => upkeep::BODY_TOO_SLOW_EN,
        P::MailLimit => upkeep::MAIL_LIMIT_EN,
        P::WrongCode => people::WRONG_CODE_EN,
        P::PasskeyRefused => people::PASSKEY_REFUSED_EN,
        P::PasskeysUnavailable => people::PASSKEYS_UNAVAILABLE_EN,
        P::SecondStepExpired => people::SECOND_STEP_EXPIRED_EN,
        P::SecondStepHeld => people::SECOND_STEP_HELD_EN,
        P::SecondFactorNeeded => people::SECOND_FACTOR_NEEDED_EN,
        P::SecondFactorCompulsory => people::SECOND_FACTOR_COMPULSORY_EN,
        P::ProofNeeded => people::PROOF_NEEDED_EN,
        P::OperatorNeeded => people::OPERATOR_NEEDED_EN,
        P::WorkNeeded => people::WORK_NEEDED_EN,
        P::OwnerNeeded => people::OWNER_NEEDED_EN,
        P::LastOne => people::LAST_ONE_EN,
        P::ViewOnly => people::VIEW_ONLY_EN,
        P::TooManyDocuments => text(
            "These are too many documents for one file.",
            "A ZIP takes up to 20,000 documents; a list, up to a million.",
            "Narrow the dates or the filters and download in parts.",
        ),
        P::PayerNeeded => payments::PAYER_NEEDED_EN,
        P::BalancesChanged => payments::BALANCES_CHANGED_EN,
        P::PaymentNotCancellable => payments::NOT_CANCELLABLE_EN,
        P::PaymentNotRetryable => payments::NOT_RETRYABLE_EN,
        P::PaymentStateDiffers => payments::STATE_DIFFERS_EN,
        P::ReceivableNewer => payments::RECEIVABLE_NEWER_EN,
        P::NotTheBank => payments::NOT_THE_BANK_EN,
        P::BankUnavailable => payments::BANK_UNAVAILABLE_EN,
        _ => return None,
    })
}
