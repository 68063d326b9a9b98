//! The sandbox as the Mastercard gateway: its API for the merchant's server, its page for the payer.
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Number, Value, json};

use super::service::{Bank, Deed, merchant_origin, named};
use super::store::{self, OrderRow};

/// What a merchant's server asks for.
#[derive(Debug, Deserialize)]
pub struct SessionRequest {
    #[serde(rename = "apiOperation")]
    operation: String,
    interaction: Interaction,
    order: OrderRequest,
}

#[derive(Debug, Deserialize)]
struct Interaction {
    operation: String,
    #[serde(rename = "returnUrl")]
    return_url: String,
}

#[derive(Debug, Deserialize)]
struct OrderRequest {
    id: String,
    #[serde(default)]
    reference: String,
    amount: String,
    currency: String,
}

/// The merchant's own credentials: `merchant.ID` and the password.
pub fn is_merchant(bank: &Bank, merchant: &str, authorization: Option<&str>) -> bool {
    let expected = format!("merchant.{merchant}:{}", bank.key.expose_secret());
    let given = authorization.and_then(|value| STANDARD.decode(value.strip_prefix("Basic ")?).ok());
    given.is_some_and(|given| verify_slices_are_equal(&given, expected.as_bytes()).is_ok())
}

/// Opens a session for an order. `None`: it is not well formed.
pub async fn open(bank: &Bank, request: &SessionRequest) -> anyhow::Result<Option<Value>> {
    let is_pesos = request.order.currency == "MXN" && request.order.amount.parse::<Number>().is_ok();
    let is_purchase = request.operation == "INITIATE_CHECKOUT" && request.interaction.operation == "PURCHASE";
    if !is_pesos || !is_purchase || merchant_origin(&request.interaction.return_url).is_none() {
        return Ok(None);
    }
    let (session, indicator) = (hex::encode(&bank.ids.secret()[..16]), hex::encode(&bank.ids.secret()[..8]));
    let order = OrderRow {
        merchant_order: request.order.id.clone(),
        merchant_reference: request.order.reference.clone(),
        amount: request.order.amount.clone(),
        payer: String::new(),
        return_url: request.interaction.return_url.clone(),
        session: Some(format!("SESSION{session}")),
        indicator: Some(indicator),
        decision: None,
        authorization: None,
        again: None,
        response: None,
        decided_at: None,
    };
    let mut tx = bank.db.begin().await?;
    store::insert(&mut tx, &order, bank.clock.now()).await?;
    tx.commit().await?;
    let kept = store::find(&mut bank.db.read().await?, &request.order.id).await?;
    Ok(kept.map(|kept| {
        json!({
            "result": "SUCCESS",
            "session": { "id": kept.session, "version": "1" },
            "successIndicator": kept.indicator,
        })
    }))
}

/// How an order stands, as its merchant's server is told. `None`: no such order.
pub async fn retrieve(bank: &Bank, order: &str) -> anyhow::Result<Option<Value>> {
    let row = store::find(&mut bank.db.read().await?, order).await?.filter(|row| row.session.is_some());
    Ok(row.map(|row| {
        let deed = row.decision.as_deref().and_then(Deed::parse);
        let (result, status) = match deed {
            None | Some(Deed::Close) => ("SUCCESS", "INITIATED"),
            Some(Deed::Decline) => ("FAILURE", "FAILED"),
            Some(Deed::InProcess) => ("PENDING", "PENDING"),
            Some(_) => ("SUCCESS", "CAPTURED"),
        };
        let funding = match deed {
            Some(Deed::ApproveDebit) => "DEBIT",
            Some(Deed::ApproveOther) => "UNKNOWN",
            _ => "CREDIT",
        };
        let amount = row.amount.parse::<Number>().unwrap_or_else(|_| Number::from(0));
        let mut told = json!({
            "id": row.merchant_order, "result": result, "status": status, "amount": amount, "currency": "MXN",
            "sourceOfFunds": { "provided": { "card": { "number": "512345xxxxxx0008", "fundingMethod": funding } } },
        });
        if status == "CAPTURED" {
            told["totalCapturedAmount"] = json!(amount);
            told["transaction"] = json!([
                { "result": "SUCCESS", "transaction": { "type": "AUTHENTICATION" } },
                {
                    "result": "SUCCESS", "response": { "gatewayCode": "APPROVED" },
                    "timeOfRecord": row.decided_at.map(|at| at.to_string()),
                    "transaction": { "type": "PAYMENT", "authorizationCode": row.authorization },
                },
            ]);
        }
        told
    }))
}

/// What the browser takes back: the fields of our merchant's own address, and the echo when it paid.
pub fn way_back(row: &OrderRow) -> Vec<(&'static str, String)> {
    let mut fields = vec![("order", named(row))];
    let deed = row.decision.as_deref().and_then(Deed::parse);
    if deed.is_some_and(Deed::charges) {
        fields.extend(row.indicator.clone().map(|indicator| ("resultIndicator", indicator)));
    }
    fields
}
