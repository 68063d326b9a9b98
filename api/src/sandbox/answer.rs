//! What the sandbox answers, in the shape of a common REST PAC (its fourth version, without the QR picture).
use serde::Serialize;

/// One answer, success or not.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// `success` or `error`.
    pub status: &'static str,
    /// Begins with the code when it is an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// More words, or `null`.
    #[serde(rename = "messageDetail")]
    pub message_detail: Option<String>,
    /// The stamp, or `null`.
    pub data: Option<Data>,
}

/// A stamp as a PAC tells it.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// The text the SAT sealed.
    #[serde(rename = "cadenaOriginalSAT")]
    pub cadena_original_sat: String,
    /// Number of the SAT's certificate.
    #[serde(rename = "noCertificadoSAT")]
    pub no_certificado_sat: String,
    /// Number of the issuer's certificate.
    #[serde(rename = "noCertificadoCFDI")]
    pub no_certificado_cfdi: String,
    /// Folio fiscal.
    pub uuid: String,
    /// The SAT's seal.
    #[serde(rename = "selloSAT")]
    pub sello_sat: String,
    /// The issuer's seal.
    #[serde(rename = "selloCFDI")]
    pub sello_cfdi: String,
    /// When it was stamped.
    pub fecha_timbrado: String,
    /// The whole document with its stamp.
    pub cfdi: String,
}

impl Answer {
    /// A stamp.
    pub fn success(data: Data) -> Answer {
        Answer { status: "success", message: None, message_detail: None, data: Some(data) }
    }

    /// No stamp, or none now. `message` begins with the code.
    pub fn error(message: impl Into<String>, detail: Option<String>, data: Option<Data>) -> Answer {
        Answer { status: "error", message: Some(message.into()), message_detail: detail, data }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_protocol() {
        let data = Data { uuid: "u".into(), cfdi: "<x/>".into(), ..Data::default() };
        let json = serde_json::to_value(Answer::success(data)).unwrap();
        let names: Vec<&String> = json["data"].as_object().unwrap().keys().collect();
        assert_eq!(names.len(), 8);
        for name in [
            "cadenaOriginalSAT",
            "noCertificadoSAT",
            "noCertificadoCFDI",
            "uuid",
            "selloSAT",
            "selloCFDI",
            "fechaTimbrado",
            "cfdi",
        ] {
            assert!(json["data"].get(name).is_some(), "{name}");
        }
        let refused = serde_json::to_value(Answer::error("302 - Sello", None, None)).unwrap();
        assert_eq!(
            refused,
            serde_json::json!({"status":"error","message":"302 - Sello","messageDetail":null,"data":null})
        );
    }
}
