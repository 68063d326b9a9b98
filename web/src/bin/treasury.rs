//! The pages of those who look after an issuer's payments.

fn main() {
    web::console::start_treasury();
}
