//! Single sign-on: who comes in, as what, and what is not believed.

use axum::http::{Method, StatusCode, header};
use bedrail::web::Options;
use bedrail_app::clock::Clock;
use bedrail_app::{accounts, organisations};
use bedrail_model::organisation::OrgKind;
use serde_json::{Value, json};

use super::app::{Answer, Database, PASSWORD, TestApp, on_each_database};
use super::people::{PASSWORD as MEMBERS_PASSWORD, member};
use super::provider::{CLIENT, Provider, SECRET, Signed, parameters};

on_each_database! {
    somebody_new_comes_in_with_the_roles_of_their_groups,
    roles_follow_the_provider_at_every_sign_in,
    the_last_administrator_with_a_password_stays_one,
    lies_of_a_provider_are_not_believed,
    an_answer_is_good_once_and_in_its_own_browser_only,
    the_answer_of_one_provider_never_counts_for_another,
    a_new_key_of_the_provider_is_looked_for,
    a_provider_is_asked_where_the_operator_allows_only,
    people_come_by_invitation_where_it_is_asked_for,
    an_account_is_linked_by_its_owner_and_never_by_mail,
    an_administrator_unlinks_an_identity_of_the_own_organisation_only,
    closed_passwords_leave_administrators_a_way_in,
    the_word_of_a_provider_carries_as_far_as_its_organisation,
    the_second_factor_of_the_provider_counts_where_it_is_said_to,
    who_left_stays_out,
    settings_are_kept_apart_and_tell_no_secret,
}

/// What the tests set, with the roles that groups give.
fn settings(provider: &Provider, slug: &str) -> Value {
    json!({
        "active": true, "slug": slug, "name": "Clinic Login", "issuer": provider.issuer, "client_id": CLIENT,
        "client_secret": SECRET, "scopes": ["profile", "email"], "claim": "groups", "newcomers": "welcome", "passwords": true,
        "mapping": [
            { "value": "it-security", "roles": ["analyst", "compliance"] },
            { "value": "ward-it", "roles": ["engineer"] },
            { "value": "heads", "roles": ["administrator"] }
        ]
    })
}

async fn set(admin: &TestApp, wanted: &Value) -> Answer {
    admin.json(Method::PUT, "/api/v1/organisation/single-sign-on", wanted).await
}

/// A server whose organisation trusts a provider of ours.
async fn trusting(database: Database, change: impl FnOnce(&mut Value)) -> (TestApp, Provider) {
    let (app, provider) = (TestApp::start(database).await, Provider::start().await);
    let mut wanted = settings(&provider, "clinic");
    change(&mut wanted);
    let answer = set(&app, &wanted).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
    (app, provider)
}

/// Goes to the provider; the address that it sends the browser back to, without our own name.
async fn go(browser: &mut TestApp, provider: &Provider, begin: &str) -> String {
    let answer = browser.get(begin).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let to = answer.header(header::LOCATION).to_owned();
    assert!(to.starts_with(&format!("{}/authorize?", provider.issuer)), "{to}");
    if !answer.header(header::SET_COOKIE).is_empty() {
        browser.take_cookie(&answer);
    }
    let back = provider.authorize(&to);
    back.strip_prefix("http://localhost:8080").unwrap_or_else(|| panic!("{back}")).to_owned()
}

/// The whole way in by the provider; what the way back answers.
async fn come(browser: &mut TestApp, provider: &Provider, slug: &str) -> Answer {
    let back = go(browser, provider, &format!("/sign-in/{slug}/begin?next=%2Fdevices")).await;
    browser.get(&back).await
}

/// Somebody who came in by the provider.
async fn arrived(app: &TestApp, provider: &Provider, slug: &str) -> TestApp {
    let mut browser = app.stranger();
    let answer = come(&mut browser, provider, slug).await;
    assert_eq!(
        (answer.status, answer.header(header::LOCATION)),
        (StatusCode::SEE_OTHER, "/devices"),
        "{}",
        answer.text
    );
    browser.take_cookie(&answer);
    let page = browser.get("/account").await.text;
    browser.token =
        page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    browser
}

/// Asserts that somebody was told why they do not come in, and did not.
async fn refused(browser: &TestApp, answer: &Answer, code: &str) {
    assert!(answer.status.is_client_error() || answer.status == StatusCode::BAD_GATEWAY, "{}", answer.text);
    assert!(answer.text.contains(&format!("<code>{code}</code>")), "{code}: {}", answer.text);
    assert_eq!(browser.get("/devices").await.status, StatusCode::SEE_OTHER);
}

async fn person(admin: &TestApp, name: &str) -> Value {
    let people = admin.get("/api/v1/people").await.json();
    people.as_array().unwrap().iter().find(|person| person["name"] == name).cloned().unwrap_or(Value::Null)
}

async fn audit(admin: &TestApp) -> String {
    admin.get("/api/v1/audit?limit=200").await.text
}

async fn somebody_new_comes_in_with_the_roles_of_their_groups(database: Database) {
    let (admin, provider) = trusting(database, |_| ()).await;
    provider.says(json!({ "sub": "subject-of-ann", "preferred_username": "ann", "name": "Ann Example",
        "email": "ann@clinic.example", "groups": ["choir", "it-security"] }));
    let mut browser = admin.stranger();
    let page = browser.get("/sign-in").await.text;
    assert!(page.contains("Sign in with Clinic Login") && page.contains("/sign-in/clinic/begin"), "{page}");
    let back = go(&mut browser, &provider, "/sign-in/clinic/begin?next=https%3A%2F%2Fevil.example").await;
    let planted = browser.request(Method::GET, "/devices");
    let answer = browser.get(&back).await;
    assert_eq!(answer.header(header::LOCATION), "/", "only to our own pages: {}", answer.text);
    browser.take_cookie(&answer);
    assert_eq!(browser.get("/devices").await.status, StatusCode::OK);
    let planted = browser.send(planted.body("".into()).unwrap()).await;
    assert_eq!(planted.status, StatusCode::SEE_OTHER, "the session before is not the one after");

    let ann = person(&admin, "ann").await;
    assert_eq!(ann["grant"]["roles"], json!(["analyst", "compliance"]), "{ann}");
    assert_eq!((&ann["full_name"], &ann["mail"]), (&json!("Ann Example"), &json!("ann@clinic.example")));
    assert_eq!((&ann["password"], &ann["single_sign_on"]), (&json!(false), &json!(true)));
    let log = audit(&admin).await;
    assert!(log.contains("analyst, compliance by single sign-on"), "{log}");
    assert!(!log.contains("subject-of-ann") && !log.contains(SECRET), "{log}");
    // No password opens the account, the empty one neither.
    for password in ["", "x"] {
        let answer = admin.stranger().credentials(&json!({ "name": "ann", "password": password })).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    // The second time it is the same account.
    arrived(&admin, &provider, "clinic").await;
    assert_eq!(admin.get("/api/v1/people").await.json().as_array().unwrap().len(), 2);
}

async fn roles_follow_the_provider_at_every_sign_in(database: Database) {
    let (admin, provider) = trusting(database, |_| ()).await;
    let of =
        |groups: Value| json!({ "sub": "subject-of-ann", "preferred_username": "ann", "groups": groups });
    provider.says(of(json!(["it-security"])));
    let before = arrived(&admin, &provider, "clinic").await;
    provider.says(of(json!(["ward-it"])));
    let now = arrived(&admin, &provider, "clinic").await;
    assert_eq!(person(&admin, "ann").await["grant"]["roles"], json!(["engineer"]));
    assert!(audit(&admin).await.contains("engineer; before: analyst, compliance; as Clinic Login says"));
    assert_eq!(before.get("/audit").await.status, StatusCode::FORBIDDEN, "in the older session too");
    let made = json!({ "name": "ward", "rights": ["fleet.see"] });
    let made = now.json(Method::POST, "/api/v1/account/tokens", &made).await.json();
    let token = made["token"].as_str().unwrap();
    assert_eq!(admin.get_by_token("/api/v1/devices", token).await.status, StatusCode::OK);

    provider.says(of(json!(["choir"])));
    let mut browser = admin.stranger();
    let answer = come(&mut browser, &provider, "clinic").await;
    refused(&browser, &answer, "no_role").await;
    assert_eq!(now.get("/devices").await.status, StatusCode::SEE_OTHER, "sessions ended");
    assert_eq!(admin.get_by_token("/api/v1/devices", token).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(person(&admin, "ann").await["grant"]["roles"], json!([]));
    assert!(audit(&admin).await.contains("no role; before: engineer"));

    provider.says(json!({ "sub": "subject-of-ann" }));
    provider.script().more = Some(json!({ "sub": "subject-of-ann", "groups": ["ward-it"] }));
    set(&admin, &settings(&provider, "clinic")).await;
    let looked = admin.json(Method::POST, "/api/v1/organisation/single-sign-on/check", &json!({})).await;
    assert_eq!((looked.status, &looked.json()["keys"]), (StatusCode::OK, &json!(1)), "{}", looked.text);
    arrived(&admin, &provider, "clinic").await;
    provider.script().more = Some(json!({ "sub": "subject-of-bob", "groups": ["heads"] }));
    let answer = come(&mut browser, &provider, "clinic").await;
    refused(&browser, &answer, "provider_not_believed").await;
}

async fn the_last_administrator_with_a_password_stays_one(database: Database) {
    let (mut admin, provider) = trusting(database, |_| ()).await;
    provider.says(json!({ "sub": "subject-of-dora", "preferred_username": "dora", "groups": ["heads"] }));
    let dora = arrived(&admin, &provider, "clinic").await;
    let path = format!("/api/v1/people/{}", person(&admin, "admin").await["id"].as_str().unwrap());
    let analyst = json!({ "roles": ["analyst"] });
    assert_eq!(
        dora.json(Method::PUT, &path, &analyst).await.status,
        StatusCode::CONFLICT,
        "dora has no password"
    );
    // The administrator's own identity at the provider says less: the role stays, and the log says why.
    provider.says(json!({ "sub": "subject-of-admin", "preferred_username": "admin", "groups": ["ward-it"] }));
    let back = go(&mut admin, &provider, "/sign-in/clinic/begin?link=1").await;
    assert_eq!(admin.get(&back).await.header(header::LOCATION), "/account/link");
    let form = format!("token={}&answer=yes", admin.token);
    assert_eq!(admin.form("/account/link", &form).await.header(header::LOCATION), "/account");
    arrived(&admin, &provider, "clinic").await;
    assert_eq!(person(&admin, "admin").await["grant"]["roles"], json!(["administrator", "engineer"]));
    assert!(audit(&admin).await.contains("stays an administrator, being the last one with a password"));
}

async fn lies_of_a_provider_are_not_believed(database: Database) {
    let (admin, provider) = trusting(database, |_| ()).await;
    let true_claims = json!({ "sub": "subject-of-ann", "preferred_username": "ann", "groups": ["heads"] });
    let long_ago = Clock::System.now().as_second() - 10;
    let ahead = Clock::System.now().as_second() + 3_600;
    let lies = [
        json!({ "iss": "https://other.example" }),
        json!({ "iss": null }),
        json!({ "aud": "another-client" }),
        json!({ "aud": [CLIENT, "another-client"] }),
        json!({ "aud": null }),
        json!({ "azp": "another-client" }),
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "exp": long_ago }),
        json!({ "iat": ahead, "exp": ahead + 60 }),
        json!({ "sub": "" }),
    ];
    for lie in lies {
        let mut claims = true_claims.clone();
        claims.as_object_mut().unwrap().extend(lie.as_object().unwrap().clone());
        provider.says(claims);
        let mut browser = admin.stranger();
        let answer = come(&mut browser, &provider, "clinic").await;
        assert!(
            [StatusCode::FORBIDDEN, StatusCode::BAD_GATEWAY].contains(&answer.status),
            "{lie}: {}",
            answer.text
        );
        assert_eq!(browser.get("/devices").await.status, StatusCode::SEE_OTHER, "{lie}");
    }
    provider.says(json!({ "sub": "subject-of-ann", "preferred_username": "ann", "groups": ["ward-it"] }));
    for signed in [Signed::ByAnotherKey, Signed::Not, Signed::WithTheSecret, Signed::BeforeAChange] {
        provider.script().signed = signed;
        let mut browser = admin.stranger();
        let answer = come(&mut browser, &provider, "clinic").await;
        assert!(
            [StatusCode::FORBIDDEN, StatusCode::BAD_GATEWAY].contains(&answer.status),
            "{signed:?}: {}",
            answer.text
        );
        assert_eq!(browser.get("/devices").await.status, StatusCode::SEE_OTHER, "{signed:?}");
    }
    provider.script().signed = Signed::Well;
    for claims in [json!({ "sub": "s" }), json!({ "sub": "s", "groups": { "heads": true } })] {
        provider.says(claims);
        let mut browser = admin.stranger();
        let answer = come(&mut browser, &provider, "clinic").await;
        refused(&browser, &answer, "no_role").await;
    }
    assert_eq!(admin.get("/api/v1/people").await.json().as_array().unwrap().len(), 1, "nobody came in");
    // The same without a lie comes in, so that the refusals above are for the lies.
    provider.says(true_claims);
    arrived(&admin, &provider, "clinic").await;
}

async fn an_answer_is_good_once_and_in_its_own_browser_only(database: Database) {
    let (admin, provider) = trusting(database, |_| ()).await;
    provider.says(json!({ "sub": "subject-of-ann", "preferred_username": "ann", "groups": ["ward-it"] }));
    let (mut one, mut two) = (admin.stranger(), admin.stranger());
    let back = go(&mut one, &provider, "/sign-in/clinic/begin").await;
    let of_two = go(&mut two, &provider, "/sign-in/clinic/begin").await;
    refused(&two, &two.get(&back).await, "sign_in_not_begun").await;
    let nobody = admin.stranger();
    refused(&nobody, &nobody.get(&back).await, "sign_in_not_begun").await;
    // The code of one with the state of the other: the provider's proof (PKCE) does not fit.
    let code = |address: &str| parameters(address)["code"].clone();
    let mixed = of_two.replace(&code(&of_two), &code(&back));
    refused(&two, &two.get(&mixed).await, "provider_refused").await;
    for odd in ["", "?state=x&code=y", "?code=y", "?state=%00", "?error=access_denied"] {
        refused(&two, &two.get(&format!("/sign-in/clinic/return{odd}")).await, "sign_in_not_begun").await;
    }
    // Played again with the same cookie, at a provider that takes codes twice: the state is used up.
    provider.script().careless = true;
    let back = go(&mut one, &provider, "/sign-in/clinic/begin").await;
    let first = one.get(&back).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.text);
    refused(&one, &one.get(&back).await, "sign_in_not_begun").await;
    // What the provider refuses is told by its short code only.
    let back = go(&mut two, &provider, "/sign-in/clinic/begin").await;
    let state = parameters(&back)["state"].clone();
    let answer = two.get(&format!("/sign-in/clinic/return?state={state}&error=%3Cscript%3Ealert(1)")).await;
    refused(&two, &answer, "provider_refused").await;
    assert!(!answer.text.contains("script>alert"), "{}", answer.text);
}

/// The administrator of another organisation on the same server.
async fn administrator_of(app: &TestApp, organisation: &str, name: &str) -> TestApp {
    let org = organisations::add(&app.ctx, organisation, OrgKind::CoveredEntity).await.unwrap();
    let given = accounts::give_administrator(&app.ctx, org, name).await.unwrap();
    let mut other = app.stranger();
    let mut password = given.one_time_password.unwrap();
    let answer = other.credentials(&json!({ "name": name, "password": password })).await;
    other.take_session(&answer);
    let form = format!("token={}&present={password}&new={PASSWORD}&again={PASSWORD}", other.token);
    other.form("/password", &form.replace(' ', "+")).await;
    password = PASSWORD.to_owned();
    let answer = other.credentials(&json!({ "name": name, "password": password })).await;
    other.take_session(&answer);
    other
}

async fn the_answer_of_one_provider_never_counts_for_another(database: Database) {
    let (admin, honest) = trusting(database, |_| ()).await;
    let other = administrator_of(&admin, "Elsewhere", "other").await;
    let attacker = Provider::start().await;
    assert_eq!(
        set(&other, &settings(&attacker, "clinic")).await.status,
        StatusCode::CONFLICT,
        "the word is taken"
    );
    assert_eq!(set(&other, &settings(&attacker, "elsewhere")).await.status, StatusCode::NO_CONTENT);
    // With several organisations nobody is told who they are.
    let page = admin.stranger().get("/sign-in").await.text;
    assert!(!page.contains("Sign in with") && !page.contains("clinic"), "{page}");
    assert_eq!(admin.stranger().get("/sign-in/nowhere").await.status, StatusCode::NOT_FOUND);
    let page = admin.stranger().get("/sign-in/elsewhere").await.text;
    assert!(page.contains("Sign in to Elsewhere") && !page.contains("Test Clinic"), "{page}");

    honest.says(json!({ "sub": "subject-of-dora", "preferred_username": "dora", "groups": ["heads"] }));
    let mut victim = admin.stranger();
    let begun = victim.get("/sign-in/elsewhere/begin").await;
    victim.take_cookie(&begun);
    // The attacker's provider sends the browser on to the honest one, in the hope of its code.
    let begun = parameters(begun.header(header::LOCATION));
    let query = ["state", "nonce", "code_challenge"].map(|name| format!("{name}={}", begun[name])).join("&");
    let honest_address = format!(
        "x?client_id={CLIENT}&response_type=code&code_challenge_method=S256&scope=openid&{query}\
         &redirect_uri=http://localhost:8080/sign-in/clinic/return"
    );
    let back = honest.authorize(&honest_address);
    let back = back.strip_prefix("http://localhost:8080").unwrap();
    refused(&victim, &victim.get(back).await, "sign_in_not_begun").await;
    // And an answer that names its issuer must name the right one (RFC 9207).
    let back = go(&mut victim, &honest, "/sign-in/clinic/begin").await;
    let named = format!("{back}&iss={}", attacker.issuer);
    refused(&victim, &victim.get(&named).await, "provider_not_believed").await;

    // The same subject at another provider is somebody else.
    attacker.says(json!({ "sub": "subject-of-dora", "preferred_username": "dora", "groups": ["ward-it"] }));
    arrived(&admin, &honest, "clinic").await;
    let theirs = arrived(&admin, &attacker, "elsewhere").await;
    assert_eq!(person(&other, "dora-2").await["grant"]["roles"], json!(["engineer"]));
    assert!(person(&admin, "dora-2").await.is_null());
    assert!(theirs.get("/account").await.text.contains("You are dora-2"));
}

async fn a_new_key_of_the_provider_is_looked_for(database: Database) {
    let (admin, provider) = trusting(database, |_| ()).await;
    provider.says(json!({ "sub": "subject-of-ann", "preferred_username": "ann", "groups": ["ward-it"] }));
    arrived(&admin, &provider, "clinic").await;
    arrived(&admin, &provider, "clinic").await;
    assert_eq!(provider.script().asked_for_keys, 1, "keys are remembered");
    provider.change_key();
    arrived(&admin, &provider, "clinic").await;
    assert_eq!(provider.script().asked_for_keys, 2);
}

async fn a_provider_is_asked_where_the_operator_allows_only(database: Database) {
    let (admin, provider) = trusting(database, |_| ()).await;
    let begin = "/sign-in/clinic/begin";
    let strict = admin
        .with_options(Options { public_url: Some("http://localhost:8080".into()), ..Options::default() });
    let answer = strict.stranger().get(begin).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{}", answer.text);
    assert!(answer.text.contains("does not begin with https"), "{}", answer.text);
    for private in ["https://127.0.0.1:9", "https://10.0.0.1", "https://[::1]:9", "https://169.254.169.254"] {
        let mut wanted = settings(&provider, "clinic");
        wanted["issuer"] = json!(private);
        assert_eq!(set(&admin, &wanted).await.status, StatusCode::NO_CONTENT);
        let answer = strict.stranger().get(begin).await;
        assert!(answer.text.contains("private network"), "{private}: {}", answer.text);
        let checked = strict.form("/organisation/sign-in/check", &format!("token={}", strict.token)).await;
        assert!(checked.text.contains("private network"), "{private}: {}", checked.text);
    }
    assert_eq!(set(&admin, &settings(&provider, "clinic")).await.status, StatusCode::NO_CONTENT);
    let unknown = admin.with_options(Options { providers: vec!["127.0.0.1".into()], ..Options::default() });
    let answer = unknown.stranger().get(begin).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "no address of our own: {}", answer.text);

    let odd = |description: Value, redirect: Option<&str>| {
        let mut script = provider.script();
        script.description = description;
        script.redirect = redirect.map(str::to_owned);
    };
    let looked = async || {
        let answer = admin.json(Method::POST, "/api/v1/organisation/single-sign-on/check", &json!({})).await;
        (answer.status, answer.json()["detail"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(looked().await.0, StatusCode::OK);
    for (description, redirect, words) in [
        (json!({}), Some("http://169.254.169.254/latest/meta-data"), "redirects are not followed"),
        (json!({ "jwks_uri": "https://10.0.0.1/jwks" }), None, "private network"),
        (json!({ "jwks_uri": "http://localhost.example/jwks" }), None, "does not begin with https"),
        (json!({ "jwks_uri": "file:///etc/passwd" }), None, ""),
        (json!({ "authorization_endpoint": "javascript:alert(1)" }), None, ""),
        (json!({ "issuer": "https://other.example" }), None, "another issuer"),
        (json!({ "padding": "x".repeat(300 << 10) }), None, "too large"),
        (json!({ "jwks_uri": null }), None, ""),
        (json!({ "token_endpoint": null }), None, "where codes are exchanged"),
    ] {
        odd(description.clone(), redirect);
        let (status, detail) = looked().await;
        let short = description.to_string().chars().take(80).collect::<String>();
        assert_eq!(status, StatusCode::BAD_GATEWAY, "{short}: {detail}");
        assert!(detail.contains(words), "{short}: {detail}");
    }
    odd(json!({}), None);
    assert_eq!(looked().await.0, StatusCode::OK);
    // Where codes are exchanged is looked at when they are.
    odd(json!({ "token_endpoint": "https://10.0.0.1/token" }), None);
    assert_eq!(looked().await.0, StatusCode::OK);
    provider.says(json!({ "sub": "s", "groups": ["ward-it"] }));
    let mut browser = admin.stranger();
    let answer = come(&mut browser, &provider, "clinic").await;
    refused(&browser, &answer, "provider_unavailable").await;
}

async fn people_come_by_invitation_where_it_is_asked_for(database: Database) {
    let (admin, provider) = trusting(database, |wanted| wanted["newcomers"] = json!("invited")).await;
    provider.says(json!({ "sub": "subject-of-ann", "preferred_username": "ann", "groups": ["ward-it"] }));
    let mut browser = admin.stranger();
    let answer = come(&mut browser, &provider, "clinic").await;
    refused(&browser, &answer, "not_invited").await;

    let invite = async |grant: Value| {
        let body = json!({ "full_name": "Ann Example", "grant": grant });
        admin.json(Method::POST, "/api/v1/invitations", &body).await.json()["code"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let code = invite(json!({ "roles": ["analyst"] })).await;
    let page = browser.get(&format!("/invitation?code={code}")).await.text;
    assert!(page.contains("Accept with Clinic Login"), "{page}");
    let begin = format!("/sign-in/clinic/begin?invitation={code}");
    // Whom no value gives a role is not let in by an invitation either, and it stays open.
    provider.says(json!({ "sub": "subject-of-ann", "preferred_username": "ann", "groups": [] }));
    let back = go(&mut browser, &provider, &begin).await;
    refused(&browser, &browser.get(&back).await, "no_role").await;
    provider.says(json!({ "sub": "subject-of-ann", "preferred_username": "ann", "groups": ["ward-it"] }));
    let back = go(&mut browser, &provider, &begin).await;
    let answer = browser.get(&back).await;
    assert_eq!(answer.header(header::LOCATION), "/", "{}", answer.text);
    let ann = person(&admin, "ann").await;
    assert_eq!(
        (&ann["grant"]["roles"], &ann["full_name"]),
        (&json!(["engineer"]), &json!("Ann Example")),
        "{ann}"
    );
    assert_eq!(admin.stranger().get(&format!("/invitation?code={code}")).await.status, StatusCode::NOT_FOUND);

    // An auditor is made by hand, end and all, and the provider changes nothing of it.
    let end = "2999-01-01T00:00:00Z";
    let code = invite(json!({ "roles": ["auditor"], "valid_until": end })).await;
    provider.says(json!({ "sub": "subject-of-eve", "preferred_username": "eve", "groups": ["heads"] }));
    let mut eve = admin.stranger();
    let back = go(&mut eve, &provider, &format!("/sign-in/clinic/begin?invitation={code}")).await;
    assert_eq!(eve.get(&back).await.header(header::LOCATION), "/");
    assert_eq!(person(&admin, "eve").await["grant"]["roles"], json!(["auditor"]));

    // Without a mapping roles are given here, and the invitation says them.
    let mut by_hand = settings(&provider, "clinic");
    by_hand["mapping"] = json!([]);
    by_hand["newcomers"] = json!("invited");
    assert_eq!(set(&admin, &by_hand).await.status, StatusCode::NO_CONTENT);
    let code = invite(json!({ "roles": ["counsel"] })).await;
    provider.says(json!({ "sub": "subject-of-carl", "preferred_username": "carl" }));
    let mut carl = admin.stranger();
    let back = go(&mut carl, &provider, &format!("/sign-in/clinic/begin?invitation={code}")).await;
    assert_eq!(carl.get(&back).await.header(header::LOCATION), "/");
    assert_eq!(person(&admin, "carl").await["grant"]["roles"], json!(["counsel"]));
}

async fn an_account_is_linked_by_its_owner_and_never_by_mail(database: Database) {
    let (admin, provider) = trusting(database, |_| ()).await;
    let mut bob = member(&admin, "bob", json!({ "roles": ["engineer"] })).await;
    // Somebody at the provider with the same name and address is not bob.
    provider.says(
        json!({ "sub": "subject-of-mallory", "preferred_username": "bob", "email": "bob@clinic.example",
        "email_verified": true, "groups": ["ward-it"] }),
    );
    let mallory = arrived(&admin, &provider, "clinic").await;
    assert!(mallory.get("/account").await.text.contains("You are bob-2"));

    provider.says(json!({ "sub": "subject-of-bob", "preferred_username": "bob.b", "groups": ["ward-it"] }));
    let back = go(&mut bob, &provider, "/sign-in/clinic/begin?link=1").await;
    assert_eq!(bob.get(&back).await.header(header::LOCATION), "/account/link");
    let page = bob.get("/account/link").await.text;
    assert!(page.contains("Link bob.b to your account bob?"), "{page}");
    assert_eq!(
        bob.form("/account/link", "answer=yes").await.status,
        StatusCode::FORBIDDEN,
        "only our own form"
    );
    assert_eq!(bob.get("/api/v1/account/identities").await.json(), json!([]));
    let yes = format!("token={}&answer=yes", bob.token);
    assert_eq!(bob.form("/account/link", &yes).await.header(header::LOCATION), "/account");
    assert_eq!(bob.form("/account/link", &yes).await.status, StatusCode::NOT_FOUND, "once");
    let linked = bob.get("/api/v1/account/identities").await.json();
    assert_eq!(linked[0]["issuer"], json!(provider.issuer), "{linked}");
    let again = arrived(&admin, &provider, "clinic").await;
    assert!(again.get("/account").await.text.contains("You are bob,"));

    // An identity belongs to one account.
    let mut other = member(&admin, "carol", json!({ "roles": ["engineer"] })).await;
    let back = go(&mut other, &provider, "/sign-in/clinic/begin?link=1").await;
    assert_eq!(other.get(&back).await.header(header::LOCATION), "/account/link");
    let answer = other.form("/account/link", &format!("token={}&answer=yes", other.token)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("linked to another account already"), "{}", answer.text);
    assert_eq!(
        mallory.json(Method::DELETE, "/api/v1/account/identities", &json!({})).await.status,
        StatusCode::CONFLICT
    );
    assert_eq!(
        bob.json(Method::DELETE, "/api/v1/account/identities", &json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        bob.json(Method::DELETE, "/api/v1/account/identities", &json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    let log = audit(&admin).await;
    assert!(log.contains("account.link_sign_in") && log.contains("account.unlink_sign_in"), "{log}");
}

async fn an_administrator_unlinks_an_identity_of_the_own_organisation_only(database: Database) {
    let (admin, provider) = trusting(database, |_| ()).await;
    let other = administrator_of(&admin, "Elsewhere", "other").await;
    let mut bob = member(&admin, "bob", json!({ "roles": ["engineer"] })).await;
    provider.says(json!({ "sub": "subject-of-bob", "preferred_username": "bob.b", "groups": ["ward-it"] }));
    let back = go(&mut bob, &provider, "/sign-in/clinic/begin?link=1").await;
    bob.get(&back).await;
    bob.form("/account/link", &format!("token={}&answer=yes", bob.token)).await;
    let by_provider = arrived(&admin, &provider, "clinic").await;
    assert!(by_provider.get("/account").await.text.contains("You are bob,"));

    let path = format!("/api/v1/people/{}/identities", person(&admin, "bob").await["id"].as_str().unwrap());
    let unlink = async |app: &TestApp| app.json(Method::DELETE, &path, &json!({})).await.status;
    assert_eq!(unlink(&other).await, StatusCode::NOT_FOUND, "an administrator of another organisation");
    assert_eq!(unlink(&bob).await, StatusCode::FORBIDDEN, "no administrator");
    assert_eq!(by_provider.get("/account").await.status, StatusCode::OK);
    let page = format!("/people/{}", person(&admin, "bob").await["id"].as_str().unwrap());
    assert!(admin.get(&page).await.text.contains("Unlink the identity"));
    assert_eq!(unlink(&admin).await, StatusCode::NO_CONTENT);
    assert_eq!(unlink(&admin).await, StatusCode::NOT_FOUND, "once");
    assert!(!admin.get(&page).await.text.contains("Unlink the identity"));
    for ended in [&bob, &by_provider] {
        assert_eq!(ended.get("/api/v1/notices").await.status, StatusCode::UNAUTHORIZED);
    }
    // It is loud: in the log with what was before, and a notice to who looks after people.
    let entry = admin.get("/api/v1/audit?action=people.unlink_sign_in").await.json()["rows"][0].clone();
    assert_eq!((&entry["subject"], &entry["before"]), (&json!("bob"), &json!(provider.issuer)), "{entry}");
    let notices = admin.get("/api/v1/notices").await.text;
    assert!(notices.contains("The single sign-on identity of bob was unlinked"), "{notices}");
    assert!(!other.get("/api/v1/audit").await.text.contains("people.unlink_sign_in"));
    // Whoever has that identity is somebody else from now on.
    let somebody = arrived(&admin, &provider, "clinic").await;
    assert!(somebody.get("/account").await.text.contains("You are bob.b,"));
}

async fn closed_passwords_leave_administrators_a_way_in(database: Database) {
    let (admin, provider) = trusting(database, |_| ()).await;
    let bob = member(&admin, "bob", json!({ "roles": ["engineer"] })).await;
    let made = json!({ "name": "ward", "rights": ["fleet.see"] });
    let made = bob.json(Method::POST, "/api/v1/account/tokens", &made).await.json();
    let mut wanted = settings(&provider, "clinic");
    wanted["passwords"] = json!(false);
    assert_eq!(set(&admin, &wanted).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bob.get("/devices").await.status, StatusCode::SEE_OTHER, "a session by password ends");
    let token = made["token"].as_str().unwrap();
    assert_eq!(bob.get_by_token("/api/v1/devices", token).await.status, StatusCode::OK, "a token does not");
    let answer = bob.stranger().credentials(&json!({ "name": "bob", "password": MEMBERS_PASSWORD })).await;
    assert_eq!(answer.json()["code"], "single_sign_on_needed", "{}", answer.text);
    let answer = bob.stranger().credentials(&json!({ "name": "bob", "password": "wrong" })).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "who does not know the password learns nothing");
    let form = format!("name=bob&password={}", MEMBERS_PASSWORD.replace(' ', "+"));
    let answer = bob.sign_in_by_form(&form).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer.text.contains("takes no password here") && answer.text.contains("Sign in with Clinic Login")
    );
    let page = admin.stranger().get("/sign-in").await.text;
    assert!(page.contains("Administrators can use a password"), "{page}");
    let mut again = admin.stranger();
    again.sign_in(PASSWORD).await;
    assert_eq!(again.get("/devices").await.status, StatusCode::OK);
    let off = admin.json(Method::DELETE, "/api/v1/organisation/single-sign-on", &json!({})).await;
    assert_eq!(off.status, StatusCode::NO_CONTENT);
    let answer = bob.stranger().credentials(&json!({ "name": "bob", "password": MEMBERS_PASSWORD })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

async fn the_word_of_a_provider_carries_as_far_as_its_organisation(database: Database) {
    let (admin, _) = trusting(database, |_| ()).await;
    let other = administrator_of(&admin, "Elsewhere", "other").await;
    let attacker = Provider::start().await;
    assert_eq!(set(&other, &settings(&attacker, "elsewhere")).await.status, StatusCode::NO_CONTENT);
    // An adviser whose home is the clinic is invited elsewhere, and links an identity there.
    let mut adviser = member(&admin, "adviser", json!({ "roles": ["administrator"] })).await;
    let invited = json!({ "grant": { "roles": ["adviser"] } });
    let code = other.json(Method::POST, "/api/v1/invitations", &invited).await.json()["code"]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = adviser.form("/invitation/join", &format!("token={}&code={code}", adviser.token)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    adviser.take_cookie(&answer);
    let page = adviser.get("/account").await.text;
    adviser.token =
        page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    attacker
        .says(json!({ "sub": "subject-of-adviser", "preferred_username": "adviser", "groups": ["ward-it"] }));
    let back = go(&mut adviser, &attacker, "/sign-in/elsewhere/begin?link=1").await;
    adviser.get(&back).await;
    adviser.form("/account/link", &format!("token={}&answer=yes", adviser.token)).await;

    // Whoever runs that provider comes in as the adviser there, and no further.
    let guest = arrived(&admin, &attacker, "elsewhere").await;
    assert_eq!(guest.get("/api/v1/organisation").await.json()["name"], "Elsewhere");
    let clinic = organisations::all(&admin.ctx).await.unwrap()[0].id;
    let token = &guest.token;
    let over = guest.form("/organisation", &format!("token={token}&organisation={clinic}")).await;
    assert_eq!(over.status, StatusCode::NOT_FOUND, "{}", over.text);
    assert!(!guest.get("/account").await.text.contains("Test Clinic"));
    for (path, rest) in [
        ("/account/sessions/end-others", ""),
        ("/account/second-factor/confirm", "code=000000"),
        ("/account/second-factor/remove", "code=000000"),
        ("/password", "present=x&new=one+two+three+four&again=one+two+three+four"),
        ("/invitation/join", "code=abcd-efgh-jkmn-pqrs-tuvw"),
        ("/account/unlink", ""),
    ] {
        let answer = guest.form(path, &format!("token={token}&{rest}")).await;
        assert!(
            [StatusCode::FORBIDDEN, StatusCode::UNPROCESSABLE_ENTITY, StatusCode::NOT_FOUND]
                .contains(&answer.status),
            "{path}: {}",
            answer.status
        );
    }
    assert_eq!(guest.get("/account/second-factor").await.status, StatusCode::FORBIDDEN);
    let sessions = guest.get("/api/v1/account/sessions").await.json();
    assert!(
        sessions
            .as_array()
            .unwrap()
            .iter()
            .all(|session| session["present"] == true || session["browser"] != ""),
        "{sessions}"
    );
    let mut by_password = admin.stranger();
    let answer = by_password.credentials(&json!({ "name": "adviser", "password": MEMBERS_PASSWORD })).await;
    by_password.take_session(&answer);
    assert_eq!(
        by_password.get("/devices").await.status,
        StatusCode::OK,
        "nothing of the account was changed"
    );
    assert!(by_password.get("/account").await.text.contains("Elsewhere"), "the password opens both");
}

async fn the_second_factor_of_the_provider_counts_where_it_is_said_to(database: Database) {
    let (admin, provider) = trusting(database, |wanted| wanted["factors"] = json!(["mfa"])).await;
    let organisation = json!({ "name": "Test Clinic", "kind": "covered_entity", "second_factor": true });
    let of = |amr: Value| json!({ "sub": "subject-of-ann", "preferred_username": "ann", "groups": ["ward-it"], "amr": amr });
    assert_eq!(
        admin.json(Method::PUT, "/api/v1/organisation", &organisation).await.status,
        StatusCode::NO_CONTENT
    );
    provider.says(of(json!(["pwd", "mfa"])));
    let with = arrived(&admin, &provider, "clinic").await;
    assert_eq!(with.get("/devices").await.status, StatusCode::OK);
    provider.says(of(json!(["pwd"])));
    let mut browser = admin.stranger();
    let answer = come(&mut browser, &provider, "clinic").await;
    browser.take_cookie(&answer);
    assert_eq!(browser.get("/devices").await.header(header::LOCATION), "/account/second-factor");
    let page = browser.get("/account/second-factor").await.text;
    browser.token =
        page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (key, _) = super::second_factor::set_up(&browser).await;
    // Ours is there now, and asked for where the provider's does not count.
    let mut again = admin.stranger();
    let answer = come(&mut again, &provider, "clinic").await;
    assert_eq!(answer.header(header::LOCATION), "/sign-in/code", "{}", answer.text);
    again.take_cookie(&answer);
    assert_eq!(again.get("/devices").await.status, StatusCode::SEE_OTHER);
    assert_eq!(again.form("/sign-in/code", "code=000000").await.status, StatusCode::UNAUTHORIZED);
    let answer = again.form("/sign-in/code", &format!("code={}", super::second_factor::code(&key, 1))).await;
    assert_eq!(answer.header(header::LOCATION), "/devices", "{}", answer.text);
    again.take_cookie(&answer);
    assert_eq!(again.get("/devices").await.status, StatusCode::OK);
    provider.says(of(json!(["mfa"])));
    arrived(&admin, &provider, "clinic").await;
}

async fn who_left_stays_out(database: Database) {
    let (admin, provider) = trusting(database, |_| ()).await;
    for (how, name) in [("close", "ann"), ("end", "bob")] {
        provider.says(
            json!({ "sub": format!("subject-of-{name}"), "preferred_username": name, "groups": ["heads"] }),
        );
        let here = arrived(&admin, &provider, "clinic").await;
        let id = person(&admin, name).await["id"].as_str().unwrap().to_owned();
        let gone = match how {
            "close" => admin.json(Method::POST, &format!("/api/v1/people/{id}/close"), &json!({})).await,
            _ => admin.json(Method::DELETE, &format!("/api/v1/people/{id}"), &json!({})).await,
        };
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
        assert_eq!(here.get("/devices").await.status, StatusCode::SEE_OTHER, "{how}");
        let mut browser = admin.stranger();
        let answer = come(&mut browser, &provider, "clinic").await;
        refused(&browser, &answer, "left").await;
    }
    // By invitation whose membership ended comes back, into the same account.
    let invited = json!({ "grant": { "roles": ["engineer"] } });
    let code = admin.json(Method::POST, "/api/v1/invitations", &invited).await.json()["code"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut bob = admin.stranger();
    let back = go(&mut bob, &provider, &format!("/sign-in/clinic/begin?invitation={code}")).await;
    assert_eq!(bob.get(&back).await.header(header::LOCATION), "/");
    assert_eq!(person(&admin, "bob").await["grant"]["roles"], json!(["administrator"]));
    assert!(person(&admin, "bob-2").await.is_null());
}

async fn settings_are_kept_apart_and_tell_no_secret(database: Database) {
    let (admin, provider) = trusting(database, |_| ()).await;
    let other = administrator_of(&admin, "Elsewhere", "other").await;
    let path = "/api/v1/organisation/single-sign-on";
    assert_eq!(other.get(path).await.status, StatusCode::NOT_FOUND);
    let engineer = member(&admin, "ann", json!({ "roles": ["engineer"] })).await;
    assert_eq!(engineer.get(path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        engineer.json(Method::PUT, path, &settings(&provider, "mine")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(engineer.get("/organisation/sign-in").await.status, StatusCode::FORBIDDEN);
    for text in
        [admin.get(path).await.text, admin.get("/organisation/sign-in").await.text, audit(&admin).await]
    {
        assert!(text.contains("it-security") && !text.contains(SECRET), "{text}");
    }
    // Two editors: who saw nothing, or an older state, changes nothing.
    let blind = admin.json_seen(Method::PUT, path, None, &settings(&provider, "other")).await;
    assert_eq!(blind.status, StatusCode::CONFLICT, "{}", blind.text);
    // What is read can be sent back; the secret stays, but goes to no other issuer.
    let held = admin.get(path).await.json();
    assert_eq!(set(&admin, &held).await.status, StatusCode::NO_CONTENT);
    let mut elsewhere = held.clone();
    elsewhere["issuer"] = json!("https://evil.example");
    let answer = set(&admin, &elsewhere).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    for (field, value) in [
        ("issuer", json!("javascript:alert(1)")),
        ("slug", json!("code")),
        ("mapping", json!([{ "value": "x", "roles": ["auditor"] }])),
        ("mapping", json!([])),
        ("newcomers", json!("anybody")),
        ("unknown", json!(true)),
    ] {
        let mut wrong = held.clone();
        wrong[field] = value;
        assert_eq!(set(&admin, &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
    }
    let version = admin.get("/organisation/sign-in").await.text;
    let version =
        version.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = format!(
        "version={version}&token={}&active=1&name=%3Cb%3ELogin&issuer={}&client_id=x&slug=clinic&claim=groups&newcomers=invited&passwords=1\
         &mapping=cn%3Dheads%2Cou%3Dx+%3D+administrator%0D%0Award-it%3Dengineer&scopes=profile",
        admin.token, provider.issuer
    );
    let answer = admin.form("/organisation/sign-in", &form).await;
    assert_eq!(answer.header(header::LOCATION), "/organisation/sign-in", "{}", answer.text);
    let page = admin.get("/organisation/sign-in").await.text;
    assert!(page.contains("cn=heads,ou=x = administrator") && !page.contains("<b>Login"), "{page}");
    let answer = admin.form("/organisation/sign-in", &form.replace("profile", "email")).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "the form was made from an older state");
    assert!(answer.text.contains("Somebody else changed single sign-on meanwhile"), "{}", answer.text);
    let answer = admin.form("/organisation/sign-in", &form.replace("engineer", "root")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.text.contains("there is no role") || answer.text.contains("There is no role"),
        "{}",
        answer.text
    );
}
