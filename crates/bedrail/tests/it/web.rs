//! The web as browsers and programs use it: the real router over a fresh database, and the real program in a browser.

mod access;
mod answers;
mod app;
mod browser;
mod contract;
mod hostile;
mod openapi;
mod people;
mod routes;
mod second_factor;
mod two_editors;
mod walk;
