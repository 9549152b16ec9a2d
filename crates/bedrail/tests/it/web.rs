//! The web as browsers and programs use it: the real router over a fresh database, and the real program in a browser.

mod access;
mod answers;
mod app;
mod attack;
mod background;
mod browser;
mod clocks;
mod contract;
mod erasure;
mod health;
mod failure;
mod counts;
mod hostile;
mod log;
mod net;
mod oidc;
mod openapi;
mod people;
mod planted;
mod provider;
mod routes;
mod second_factor;
mod single_sign_on;
mod two_editors;
mod walk;
mod wire;
