//! The keys of the catalogue: what has to be said, page by page, and nothing else.

use bedrail_app::decisions::DecisionState;
use bedrail_app::exposure::ExposureReport;
use bedrail_app::medical::Standing;
use bedrail_model::answer::{Answer, Reason};
use bedrail_model::device::Exposure;
use bedrail_model::exposure::Vantage;
use bedrail_model::finding::Evidence;
use bedrail_model::severity::Severity;

/// Declares a group of texts: a key alone is a text, a key with values is a sentence made of them.
macro_rules! keys {
    ($($(#[$doc:meta])+ $name:ident { $($key:ident $(($($value:ident: $of:ty),+))?)+ })+) => {
        $($(#[$doc])+ #[derive(Debug)] pub(crate) struct $name {
            $(pub(crate) $key: text!($(($($value: $of),+))?),)+
        })+
    };
}

/// The type of a text.
macro_rules! text {
    () => { &'static str };
    (($($value:ident: $of:ty),+)) => { fn($($value: $of),+) -> String };
}

keys! {
    /// The frame around every page.
    Frame {
        skip places notices_new dark light work_in go_over sign_out keys_button
        emergency(name: &str, until: &str, reason: &str)
    }

    /// The names of the places in the rail.
    Places {
        today affected priorities devices exposure releases advisories medical vex decisions actions alerts firewall incidents campaigns programme risk_analysis response reports vendors registers guide clients facts self_assessment unknowns data notices people jobs audit policies training attestations roster
    }

    /// Words that many pages share.
    Common {
        previous next pages_of_list why copy_text copied selected begin_now stop remove_channel as_a_table
        page_of_none(all: &str) page_of(first: u64, last: u64, all: &str)
    }

    /// The box for the main question.
    Ask {
        label placeholder ask
    }

    /// The search.
    Search {
        label placeholder suggestions title help_title help_devices help_devices_what help_weaknesses
        help_weaknesses_what help_components help_components_what help_makers help_makers_what help_people
        help_people_what nothing_yet empty_more empty_devices see_all devices weaknesses components makers
        releases people name detail no_bill touches_nothing
        untold(devices: u64) affected(devices: u64) spread(releases: u64, devices: u64)
    }

    /// Words of headings and buttons that several pages share.
    Words {
        affected affected_devices age answer_and_reason as_of cannot_tell clear_filters clear_them code
        component components data_status device devices export_csv exposure facing_outside fetched filter
        fixed_in go_on keep name no_bill nothing_found owner place prepare_csv records releases remark save
        secret_stays severity site source state support text_to_look_for today ward weakness what what_it_is
        whereabouts why
    }

    /// The window that shows the keys.
    Keys {
        title search move_rows open why this close choose
    }

    /// The state of a device in the search.
    Field {
        asset_tag serial udi address host_name
    }

    /// The page templates of `advisories`.
    AdvisoriesPage {
        ask_all blind_releases list one_line only_as_good only_ours such_as
        matching(weaknesses: u64, text: &str) none all(weaknesses: u64) malicious
    }

    /// The page templates of `medical`.
    MedicalPage {
        about advice advisory all_others any by_ward contact decided different list maker more named none not_ours not_read once
        one_line our_name our_releases product products publisher release released same such_as take_back their_name what_they_say
        advisories(count: u64) headline(standing: Option<Standing>, found: Option<&str>, total: u64)
        matched undecided ruled_out foreign to_confirm(state: &str, names: u64) the_same another
        severity(text: &str) version(status: &str, version: &str)
        it_affects(name: &str, devices: u64, untold: u64) it_may_affect(name: &str, devices: u64)
        it_affects_none(name: &str) it_is_foreign(name: &str)
        document(format: &str, version: &str, day: &str, taken_in: &str, from: Option<&str>, sha256: &str)
        affected cannot_tell not_affected vendor_fix mitigation workaround optional_patch fix_planned
        no_fix_planned none_available other_advice note providers provider asked_on providers_what providers_shared namespace namespace_such_as no_provider add_provider how_to_add provider_such_as remove_provider not_asked all_read not_all_read
        no_id affect(advisories: u64, what: &str) it this_device
    }

    /// Decisions on weaknesses, and the form to take one.
    DecisionsPage {
        title one_line such_as none decision where_it_holds reason look_again decided_by decided_on review_day taken_on
        take_back decide_anew decide decide_here new_title holds_where touches devices_affected devices_unclear
        decided_before components what_is_decided verdict choose justification justification_what until approver
        accepted_what reason_what review_on review_on_what action action_what what owner due proof_needed remaining_risk
        cost take in_force to_review taken_back under_investigation affected not_affected fixed risk_accepted not_present
        code_not_present not_executed not_controlled mitigated now_exploited statement_gone scope_device scope_found scope_release
        scope_organisation count(total: u64) headline(state: DecisionState, total: u64) by(author: &str, day: &str)
        said(reason: &str, author: &str, day: &str) not_affected_for(why: &str)
        accepted_until(day: &str, approver: &str) run_out(day: &str) due_since(day: &str) severer(from: &str, to: &str)
        new_records(ids: &str) other_components(names: &str) scope_model(maker: &str, model: &str, up_to: &str)
        will_touch(what: &str, affected: u64, cannot_tell: u64, devices: u64)
    }

    /// The answer by breakfast.
    BreakfastPage {
        nobody no_owner questions by_ward headline(id: &str, affected: u64, cannot_tell: u64, wards: u64)
        ward(affected: u64, cannot_tell: u64, devices: u64) published(at: &str) found(at: &str) made(at: &str)
        took(hours: u64) left_out(devices: u64)
    }

    /// What first.
    PrioritiesPage {
        as_of as_it_is when such_as any none place if_isolated if_outside tables count(total: u64)
        headline(immediate: u64, out_of_cycle: u64, all: u64) handled(places: u64)
        what_if(devices: u64, without: &[u64], with: &[u64])
    }

    /// What is done about weaknesses.
    ActionsPage {
        title one_line such_as none what who due end about the_decision note mark_done drop reopen hand_over open done
        dropped count(total: u64) headline(state: &str, total: u64, late: u64) proof(text: &str) remains(text: &str)
        costs(text: &str) limit(day: &str, source: &str) was_done(day: &str, by: &str, proof: &str)
        was_dropped(day: &str, by: &str, reason: &str) kind any_kind amount not_shown closed ready close_it
        check(done: u64, devices: u64, open: u64, unclear: u64, by_word: u64) check_data check_none check_later
        seen(day: &str, what: &str) window(from: &str, to: &str) campaign stage plan plan_it window_from window_to new
        new_weakness remaining_risk proof_needed put_down board calendar budget by_stage by_owner others asked_by
        more(actions: u64)
        board_headline(open: u64, ready: u64, not_shown: u64) board_owners(actions: u64, owners: u64) board_none
        month_headline(month: &str, due: u64, windows: u64) month_reading(month: &str, due: u64, windows: u64)
        month_none on_day(day: &str, things: u64) due_on window_on day feed feed_what feed_make feed_made feed_once
        feed_end budget_headline(actions: u64, quarters: u64) budget_without(actions: u64) budget_what
        quarter(year: i16, quarter: u8) planned spent actions_count closed_count without_amount print back
    }

    /// Incidents and breaches.
    IncidentsPage {
        title one_line none incident state running closed people not_counted next_due decision presumed told
        not_told list_headline(open: u64, all: u64) open_one open_here part_of kind name owner harm_question
        discovered_on who_knew happened_from happened_to note open_it headline(number: u64, title: &str)
        nobody_said discovered(day: &str, by: &str) earlier_sign(day: &str) reports reports_what
        counsel_on_rows(said: &str) clocks clocks_what whom target limit days_left source left(days: i64)
        done_on(day: &str) not_before(day: &str) recipient(code: &str, state: &str) nobody_told
        by_hhs_unknown states state_due(state: &str, people: u64, day: &str, by: &str)
        state_none(state: &str, people: u64, by: &str) state_unknown(state: &str, people: u64)
        without_state(people: u64) open_ends nothing_open timeline timeline_reading(entries: u64, dues: u64)
        today recorded what by moved(whom: &str, from: &str, to: &str) nothing replaced(number: u64)
        privileged withheld add add_what on_day until_day corrects total by_state by_state_such_as
        state_code in_writing documented agent only_privileged put_down law_enforcement associate_discovered
        associate_told state_checked withdrawn devices no_devices device_id
        alert_id attach checklist done_by(when: &str, by: &str) tick assessment assessment_what answer
        evidence secured_by key_apart exception no_exception exception_why weighed not_weighed reason
        save_draft approve(version: u64) draft(version: u64, by: &str)
        approved(version: u64, by: &str, when: &str) same_person letters letters_what no_letters
        letter_title(number: u64, words: &str, version: u64) sent_on(day: &str, how: &str, proof: &str)
        letter_draft write_letter letter_kind went_out how proof readers readers_what no_readers
        reader_named(when: &str, by: &str, why: &str) reader_ended(when: &str, by: &str) reader_name name_reader
        end_reader penalties penalties_what tier least most
        cap notice_cap close_title sentence close reopen
    }

    /// The roster.
    RosterPage {
        title one_line headline(here: u64, wards: u64) none import people_count(people: u64) name mail external kind roles
        roles_what site ward starts last state here left coming left_on(day: &str) comes_on(day: &str) everybody any_role any_ward
        look look_for filter add add_it change change_it leaves leaves_what leave_it source account no_account link_make link_what
        link_made link_qr asked nothing_asked what due stands import_title import_what file see_first take_over
        taken(added: u64, changed: u64, followed: &str) preview(added: u64, changed: u64, unchanged: u64, refused: u64)
        columns_taken columns_passed line happens new changed(what: &str) refused(why: &str) more_lines(lines: u64)
        absent(people: u64) scim stage_words(late: bool, stage: &str) closed_for(why: &str) done_on(day: &str, how: &str)
    }

    /// Policies.
    PoliciesPage {
        title one_line headline(in_force: u64, drafts: u64, overdue: u64) headline_on(day: &str, policies: u64) none policy in_force
        version_of(version: u64, day: &str) not_in_force draft(version: u64) draft_approved(version: u64) signed
        signed_of(done: u64, asked: u64) nobody_signs review retired on_day show templates templates_what
        answers(count: u64) own new_title name roles roles_what sign_days body body_what make values cites text document
        versions version written(by: &str, when: &str) approved_by(by: &str, when: &str) not_approved
        from_to(from: &str, to: Option<&str>) hash compare edit note write bring bring_what take_in approve(version: u64)
        cannot_approve(why: &str) publish(version: u64) publish_what(roles: &str, days: u64) reviews review_it review_what found
        reviewed(by: &str, when: &str, next: &str) signers save retire reason compared(before: u64, after: u64) gone
        added print_head(title: &str, version: u64) everybody nobody never_read left_out wordless(version: u64, why: &str)
        look_for look found_words(words: &str, policies: u64) found_in_force(version: u64) in_title
    }

    /// Courses.
    TrainingPage {
        title one_line headline(done: u64, asked: u64, late: u64) courses course asked_of current late not_asked
        minutes(minutes: u32) assign roles roles_what days assign_it by_ward by_ward_reading(wards: u64, late: u64) ward
        no_ward open import import_what file see_first imported(new: u64, known: u64, refused: u64) check number check_it
        no_certificate certificate certifies(name: &str, title: &str) certified_on(day: &str, organisation: &str)
        scored(right: u64, of: u64) holds_until(day: &str) version(version: u64)
        quiz_what(questions: u64, percent: u32, minutes: u32)
    }

    /// What people were asked to sign.
    AttestationsPage {
        title one_line headline(open: u64, late: u64) what due signed late signed_of(done: u64, asked: u64) new name body roles
        roles_what due_on days again_days ask text by_ward by_ward_reading(wards: u64, missing: u64) ward missing
        missing_at(place: &str) nobody_missing person no_mail sheet sheet_title(title: &str) sheet_version(version: u64) sheet_what sheet_back signature date
        take_sheet take_sheet_what scan signed_on note_them again again_what reason site role ask_again close closed hash
        more(people: u64) bring_list bring_list_what list list_scan list_preview(signed: u64, known: u64, refused: u64)
        list_taken(signed: u64, known: u64, refused: u64) take_list see_list
    }

    /// What is asked of oneself.
    OwnPage {
        title headline(name: &str, open: u64) back done due_by(day: &str) late(day: &str) read_and_sign take
        see_certificate link_title link_for(organisation: &str) link_what name open link_gone link_gone_what not_listed
        not_listed_what to_bedrail leave version(version: u64) sign_what sign signed(day: &str) document not_open
        page_of(page: u64, of: u64) next previous to_quiz quiz_what(questions: u64, percent: u32, minutes: u32) begin
        until(when: &str) question_of(number: u64, of: u64) hand_in passed(right: u64, of: u64) failed(right: u64, of: u64)
        failed_what your_answers right wrong skip pages
    }

    /// Firewalls in front of devices.
    FirewallPage {
        one_line none headline(blocking: u64, all: u64) name product mode state rules_age devices said_by
        said(by: &str, day: &str, until: &str) fresh expired silent unread days_old(days: i64) not_said
        sites_do(sites: u64, mode: &str) follow_how add add_what rules_on expires proof document who_says devices_what
        devices_none register families families_what family weaknesses components rules not_seen
        one_headline(name: &str, devices: u64) facts heard rule_set behind never_block open closed
        site(on_error: &str, approved: &str, counts: &[u64; 5]) reading(site: &str, all: u64, rule: u32, most: u64)
        by_rule by_path rule says blocked would_block clients path_class suspects suspects_none suspects_what
        seen(requests: u64, clients: u64, others: u64) preview(through: u64, others: u64, perhaps: u64) reason until
        propose shields shields_what shields_none showed stops sees leaks
        probed(stopped: u64, probes: u64, when: &str, missed: &str) place place_it rule_sets
        candidate(name: &str, stage: &str, sites: &str) times(judged: u64, median: u64, slow: u64, failed: u64)
        adds(median: u64, slow: u64) sockets_closed(count: u64)
        words_none when what look noted kept(events: u64, from: &str, to: &str) kept_none
        report_trouble(text: &str) events_trouble(text: &str) lost(events: u64) withdraw withdraw_what
        proposal proposal_what proposal_headline(rule: u32, place: &str, site: &str) would requests guards(rules: &str)
        shielded in_front
    }

    /// Everything that is done about one weakness.
    CampaignsPage {
        title one_line none campaign start go_to report report_csv back started affected_then_now
        then_to_now(then: u64, now: u64) open_actions state running closed see_devices
        headline(name: &str, affected: u64, wards: u64, unclear: u64, outside: u64)
        headline_closed(name: &str, day: &str, affected: u64, unclear: u64) not_known nothing_proved proved
        begun_by(when: &str, by: &str) am_i_affected counts affected cannot_tell not_affected exposed
        ruled_out(devices: u64) steps step how_far begun took known questions owners shields fixes whole
        done_of(done: u64, all: u64) not_begun runs_since(time: &str) under_an_hour hours(hours: u64) days(days: u64)
        burn_down burn_reading(from: &str, then: u64, day: &str, now: u64) burn_name all_wards more_wards(wards: u64)
        not_whole ward_table who_is_on_it nobody put_on_it kind owner due what window_from window_to cost
        cost_what(currency: &str) put_down everywhere open_questions no_questions asked(whom: &str, due: &str) ask_whom
        note_asked goes_there actions no_actions end_title end_what still_open nothing_open
        open_devices(affected: u64, unclear: u64) open_wards(wards: u64) open_acts(actions: u64)
        open_asked(questions: u64) sentence end reopen ended_with(by: &str, sentence: &str) next_owner(wards: u64)
        next_ask(questions: u64) next_actions next_end report_headline(name: &str, then: u64, now: u64)
        report_made(at: &str) evidence place(ward: &str, site: &str)
        list_headline(open: u64, all: u64)
    }

    /// Alerts: the queue, an item, the account, sources, policies.
    AlertsPage {
        one_line queue account sources policies such_as open closed all when any_time outcome any_outcome
        untaken late undecided paused none choose alert how_often who nobody no_device no_device_what add_devices take
        close close_chosen reason sentence sentence_what blocked allowed unknown_outcome success take_by
        decide_by close_by other_side path opened why(when: &str) same_rule same_attacker what_to_do hand_over_to
        hand_over reopen comment say write_policy policy_what only_from only_device also_not_stopped
        for_days write_it what_happened newest_events events_what events_missing at from_where to_where
        sensor original step_taken step_handed_over step_closed step_reopened step_told step_comment
        account_what holds differs not_all_came nothing_came by_ward no_ward of_no_device go_there several unwatched
        first_day last_day became no_events events_column items_column
        lines_column accounted not_understood it_says by_day day how_long until_taken until_closed taken
        rules rule open_untaken open_taken says_nothing sources_what no_source heard kept followed silent
        nothing_yet fine add_source name_such_as kind any_kind kind_what silent_after keep_for
        policies_what no_policy closes end_policy ended one_device count(total: u64) count_more(total: u64)
        headline(now: u64, today: u64, later: u64) from(network: &str) events(events: u64)
        due(what: &str, when: &str) closed_by(by: &str, reason: &str, sentence: &str)
        came_again(times: u64) time_flaw(flaw: &str) account_headline(received: u64, accounted: u64)
        by_policy(what: &str) seconds(seconds: i64) minutes(minutes: i64) hours(hours: i64)
        spread(count: u64, half: &str, most: &str, missed: u64) says_all(alerts: u64)
        says_missing(alerts: u64, missing: u64) says_more(alerts: u64, more: u64)
        lost_itself(alerts: u64) went_back(times: u64) files_lost(files: u64) numbers_missed(messages: u64)
        kept_days(days: u64) most_on(day: &str, events: u64)
        sources_headline(sources: u64, troubled: u64) policies_headline(in_force: u64)
        approved(by: &str, day: &str) until(day: &str)
    }

    /// The desk of alerts: deciding, pauses, links, the rota, the printed list, answers by mail.
    DeskPage {
        decide what_it_is decide_what will_be_done paused pause pause_what waits_for for_hours resume
        belongs_to add_link kind which remove make_action what owner due put_down step_decided step_judged
        step_paused step_resumed step_linked step_unlinked step_told_duty step_told_deputy rota rota_one_line
        nobody deputy day from to person site ward place everywhere no_duties add_duty days_what times_what
        absences no_absences add_absence first_day last_day zone set_zone steps steps_what step_all at_end
        printed printed_what number number_what go done initials until_decided pauses shift early late night
        decided by_shift answer_title answer_what take comment answered answered_what gone gone_what urgency
        device unknown_device
        it_is(verdict: &str, sentence: &str, by: &str, when: &str) stands_still(until: &str)
        longest(what: &str, now: &str, other: &str) rota_headline(person: &str) items(total: u64)
        minutes_before(minutes: u64) working_days(days: u64) pause_count(pauses: u64, items: u64, hours: u64)
    }

    /// What is not known, and what was answered.
    UnknownsPage {
        one_line such_as any_kind none fact settles whom waits weaknesses_all asked_open as_of
        the_question question_what print mail to_ask ask_what ask_whom ask_owner ask_due note_asked asked_title
        where_it_goes by_ward answers answers_none take_back take_back_why answer answer_what said_by
        said_on source source_such_as document holds_for all_models kind_of_answer subject version purl
        product yes no record_it maker ward house
        identity release_version bill versions identifiers distribution product_names condition makers_word data name
        advisory_condition advisory_word statements
        go_upload go_letter go_import go_name go_vex go_data go_decide go_devices
        answer_runs_on answer_runs_other answer_contains answer_lacks runs_on_such_as purl_such_as
        all_releases(releases: u64)
        headline(devices: u64, fleet: u64, groups: u64) first_ten(devices: u64) count(total: u64)
        weaknesses(all: u64, exploited: u64) waiting(whom: &str, day: &str) found(devices: u64)
        done(releases: u64, devices: u64, changed: u64, closed: u64) said(by: &str, day: &str, source: &str)
        taken_back(day: &str, reason: &str)
    }

    /// The page template of `vex`.
    VexPage {
        add all_makers any file_what issuer issuers issuers_what list makers_such_as none one_line pin put_aside speaks_for
        speaks_of statement such_as take_in take_up unpin not_for_maker unsigned by_key by_key_what key_such_as signature signature_such_as signature_what
        statements(count: u64) headline(waiting: u64, unmatched: u64, unpinned: u64) found(total: u64)
        unused(count: u64) expired(count: u64) idle(release: &str, why: &str) ruled(day: &str, by: &str)
        contradicted(count: u64) otherwise(issuer: &str, status: &str, release: &str) more_components(count: u64)
        pinned(day: &str, by: &str) signed_with(key: &str) taken_unsigned(issuer: &str, why: &str) held(name: &str) outdated(name: &str) taken(count: u64, issuer: &str, lost: u64)
        accept accept_affected by_rule in_force proposed unclear unpinned unmatched lapsed declined replaced under_investigation affected not_affected fixed
    }

    /// The page templates of `programme` and of one requirement.
    ProgrammePage {
        one_line share_evidenced share_overdue figures_of catalogue all_catalogues state all_states
        only_overdue list none requirement age why would_show evidenced claimed partly unknown no
        not_applicable not_assessed binder binder_what binder_requirements binder_sites engagement(scope: &str) anchors anchors_what practices anchor_kind
        anchor_keeper anchor_place anchor_noted anchor_head anchor_put from to seal question signals no_signals
        met_when no_facts system value holds evidence proofs document shows period_of withdraw bring file
        file_what signal value_what system_what about_from about_to until_what collected collector expires
        take_in decisions decide decide_what outcome measure systems systems_what all_systems reason
        approver review_by write_down judged_by back
        headline(rows: u64) share(percent: Option<u32>, count: u64, of: u64) and_overdue(state: &str)
        holds_until(day: &str) lapsed_after(day: &str) about(about: &str) source(kind: &str, source: &str)
        period(from: &str, to: Option<&str>) collected_by(day: &str, who: &str) withdrawn(day: &str, who: &str)
        nothing_known(system: &str, why: &str) expires_on(day: &str) decided_review(day: &str, review: &str)
    }

    /// The page template of `self_assessment`.
    SelfAssessmentPage {
        one_line how_it_stands computed_too answer note document look look_what gap owner due save skip site all_sites only_open
        questions none question said yes no not_sure not_answered
        headline(answered: u64, total: u64) answered_by(age: &str, who: &str, note: &str)
    }

    /// The page template of `facts`.
    FactsPage {
        one_line to_programme kinds day optional write_down bring_list file file_what mapping mapping_what dry_run take_in report
        due written none what said by take_back take_back_now why
        headline(total: u64, late: u64) due_by(by: &str, late: bool, last: &str) written_by(day: &str, who: &str)
        taken_back(day: &str, who: &str, why: &str) imported(taken: u64, known: u64, refused: u64, dry: bool)
        line(line: u64, why: &str) known_lines(lines: &str) unused(columns: &str) more(shown: u64, total: u64)
    }

    /// The page template of `risk_analysis`.
    RiskPage {
        one_line headline(unknown: u64, all: u64) signed never_signed
        covers(covered: u64, today: u64, number: u64, day: &str) does_not_hold joined(count: u64)
        row(number: u64, day: &str, by: &str) as_report scope sign lines lines_what such_as any_level none_such
        no_lines more(count: u64)
        product threat before treatment stays likelihood impact measures likelihood_after impact_after
        not_judged owner due action reason judge plan(treatment: &str, owner: &str, due: &str) overdue
        where_data holds holds_what source declare devices outside exploited unclear yes no nobody_said
        low moderate high critical unknown reduce accept avoid transfer undecided
        brought brought_what bring bring_what bring_file bring_site bring_owner bring_due bring_dry bring_go bring_report
        bring_answers bring_not_taken bring_threats bring_sheets bring_remarks bring_nothing back
        bring_headline(taken: u64, threats: u64, dry: bool) bring_unanswered(count: u64) bring_held
    }

    /// The page template of `response`.
    ResponsePage {
        one_line headline(contacts: u64, planned: u64, wards: u64) pack pack_what without(count: u64)
        contact no_contact downtime no_downtime disconnect no_disconnect exercise no_exercise
        contact_one downtime_one disconnect_one exercise_one put kind name place rank person reach body
        follow_ups follow_none follow_owner follow_due follow_proof follow_put follow_board day withdraw playbooks
        follow_open(owner: &str, due: &str) follow_done(owner: &str, proof: &str) follow_dropped(owner: &str)
    }

    /// The page templates of `reports`.
    ReportsPage {
        one_line list all as_of(moment: &str)
    }

    /// The page templates of `vendors`.
    VendorsPage {
        one_line none vendor agreement agreements ends answers requests makers makers_what
        maker_name devices with_bill answered late days_to_answer add add_it all name services
        services_what holds holds_what ephi ephi_what associate associate_what contact
        security_contact security_contact_what notice_days notice_days_what subcontractors
        subcontractors_what attested attested_what renewal renewal_what maker maker_what yes no
        unknown do_not_know not_said state_none state_draft state_signed state_expired state_ended
        agreements_what no_agreement file file_what upload clauses clause place note_place sign
        sign_what signed signer effective effective_what expires expires_what end ended how_ended
        end_note end_note_what new_draft new_draft_what begin_draft questionnaire questionnaire_what
        make_link link_made requests_what what_came note_answer ask_for ask_about ask_due
        ask_due_what ask incidents incidents_what incident discovered discovered_what told join
        change waits discovery_unknown link_over answer_what answerer send_answers thanks
        thanks_what gone gone_what
        headline(vendors: u64, bare: u64) bare(state: &str) ends_in(day: &str, left: i64)
        good_answers(good: u64, of: u64) waiting(open: u64, late: u64)
        so_many_of(count: u64, of: u64) missing(count: u64) checked_by(who: &str, when: &str)
        signed_on(day: &str, by: &str, until: Option<&str>)
        ended_on(day: &str, how: &str, note: &str) answered_by(who: &str, day: &str)
        link_until(day: &str) answered_on(day: &str, answer: &str)
        asked_for(kind: &str, about: &str) asked_due(asked: &str, due: &str)
        notice_by(due: &str, agreed: Option<&str>, limit: &str, told: Option<&str>)
        of_incident of_incident_what agreed agreed_days(days: u32) no_days not_told clock none_joined perhaps
    }

    /// The page templates of `registers`.
    RegistersPage {
        one_line register state clock looked_at all sensitive entries entry_word none received
        received_what review review_what add about_what write_down read_noted history extend
        extend_what extend_why close outcome close_why close_why_what clock_none never_reviewed open
        headline(open: u64, late: u64) clock_answer(days: i64, extension: Option<i64>, by_law: bool)
        clock_review(days: i64) open_late(open: u64, late: u64, all: u64)
        reviewed_by(when: &str, who: &str) entry(number: u64) entry_about(number: u64, about: &str)
        closed_on(outcome: &str, day: &str) due_in(day: &str, left: i64, extended: bool)
        written_down(who: &str, day: &str) extended_on(day: &str, why: &str)
        ended_on(day: &str, outcome: &str, why: &str, who: &str)
    }

    /// The page template of `guide`.
    GuidePage {
        one_line next nothing first step state takes year year_what no_dates done to_do not_seen
        late
        headline(steps: u64) minutes(minutes: u32) more(more: u64) way_in(left: u64, minutes: u32)
        month(year: i16, month: i8)
    }

    /// The page templates of `clients`.
    ClientsPage {
        one_line none client late tasks_word signed_off all enter notes notes_what done kind
        kind_what due_word due_what body write_down not_opened never_signed open
        headline(clients: u64) bare_vendors(count: u64) late_requests(count: u64)
        requirement(title: &str, citation: &str) tasks(open: u64, late: u64)
        done_by(who: &str, day: &str) due(day: &str) seen(evidenced: &str, overdue: &str)
        written_by(who: &str, day: &str)
    }

    /// The page template of `exposure`.
    ExposurePage {
        one_line list none because evidence declared contradicted seen_outside said_outside said_inside cannot_tell hint
        list_otherwise several several_what unknown unknown_what address files file remove import file_what from from_nobody
        from_outside from_inside from_what dry_run take_in look_ups look_ups_off report_title silence
        headline(outside: u64, seen: u64, contradicted: u64, cannot_tell: u64) handed_on_to(inside: &str)
        seen_on(day: &str, age: &str) received_on(day: &str, age: &str) pieces(count: u64) more_pieces(more: u64)
        more_devices(more: u64) file_detail(format: &str, vantage: Vantage, day: &str, by: &str)
        removed(day: &str, by: &str) report(report: &ExposureReport) several_note(count: u64)
        unknown_note(count: u64) border_note(count: u64) remark(place: &str, message: &str)
    }

    /// The page templates of `affected`.
    AffectedPage {
        a_component a_maker a_maker_what a_package a_weakness an_advisory an_advisory_what ask_text can_ask
        cannot_tell each empty empty_what grouped heard heard_such_as how_bad no_match other other_names
        paste question records text_of the_devices settle within would_settle now
        see_age import see_outside(devices: u64) see_nobody(devices: u64) go_through see_settle to_today
        contain_it from_maker no_site no_ward
        map_reading(ward: &str, site: &str, hit: u64, hit_word: &str, blind: u64, devices: u64) map
        question_text(reason: Reason, settle: &str) without_version(component: &str) contains_it
        no_place block_blind(devices: u64) block_outside(devices: u64)
        block(site: &str, ward: &str, hit: u64, hit_word: &str, devices: u64)
    }

    /// The page templates of `data`.
    DataPage {
        ages credits credits_of fetch here how internet mirror nothing other sources speaks state there
        only_starter(advisories: u64) none_held all_sound(sources: u64, advisories: u64)
        some_poor(poor: u64, sources: u64, advisories: u64) oldest(source: &str, days: u64)
        oldest_and(source: &str, days: u64, missing: u64) picture fresh stale partial empty missing
    }

    /// The page templates of `device`.
    DevicePage {
        add blind facts from_where how_many inside no_past none past sheet some_blind the_way way_down
        weaknesses what_reaches what_to_do where_in which
        first_found(when: &str) lists(components: u64) no_bill a_device
        tree_reading(components: u64, levels: u64) unknown(kind: &str) unknown_outside(kind: &str)
        clear(kind: &str) clear_but(kind: &str, unknown: u64) affected(kind: &str, weaknesses: u64)
        affected_outside(kind: &str, weaknesses: u64)
        exploited(kind: &str, weaknesses: u64, exploited: u64)
        exploited_outside(kind: &str, weaknesses: u64, exploited: u64) ask_inside print_sheet see_inside
        do_close do_tell the_maker do_fix(maker: &str, component: &str, versions: &[String])
        do_bill(maker: &str) do_exposure do_list do_owner do_support do_nothing kind maker model version
        operating_system system_support system_support_by asset_tag serial udi address host_name not_said
        outside hospital_network system_ended(system: &str, day: Option<&str>)
        system_ends(system: &str, day: Option<&str>) system_not_known(why: &str)
        not_connected next_to_it gate_open gate_shut gate_unknown from_outside from_inside
        reach(exposure: Exposure) branches more_rows(rows: u64)
    }

    /// The page templates of `devices`.
    DevicesPage {
        all blind grid how_sure import no_match oldest only past_support see_blind seen such_as
        support_ended whereabouts with without
        no_devices headline(devices: u64, sites: u64, wards: u64, blind: u64) begin share(percent: f64)
        no_site bar_without bar_with picture known_reading(blind: u64, worst: u64, site: &str)
        support_reading(devices: u64) with_weakness with_untold with_owner with_nobody with_bill
        without_bill maker_and_model weaknesses support_ends no_bill nothing_found untold(things: u64)
        affect_it(weaknesses: u64) affect_it_exploited(weaknesses: u64, exploited: u64) ended(day: &str)
    }

    /// The page templates of `release`.
    ReleasePage {
        add add_newer back component document find inside letter letter_about quality read_letter see_inside
        such_as whole from_reading and_more
        unknown(release: &str) clear(components: u64) clear_but(components: u64, unknown: u64)
        affected(weaknesses: u64) exploited(weaknesses: u64, exploited: u64) no_version no_identifier
        no_supplier no_licence no_hash lacking(some: u64, components: u64, what: &str) no_relations
        whole_product not_listed(of: &str, statement: &str) unread(things: u64)
        letter_none(release: &str) by_sets compare_with as_cyclonedx as_spdx
        described(document: &str, added: &str, sha256: &str)
    }

    /// What a bill of materials lacks, and what changed from one to another.
    BillPage {
        title headline(by_set: &str) by_set(set: &str, lacking: usize, elements: usize)
        reading(whole: usize, lacking: usize, untold: usize) having(some: u64, all: u64)
        whole lacking not_told element standing have_it lacking_on which source read_letter letter_what
        odd_licences odd_licences_what licence
        support support_what support_no_list support_product support_until support_ended support_not_known
        support_damaged(why: &str) support_told(ended: u64, ending: u64, open: u64) support_ended_on(day: &str) support_ends_on(day: &str)
        compare choose choices no_choice earlier later compare_them not_judged from_to(before: &str, after: &str)
        versions before after direction up down same untold no_version added removed what_happened said
        new gone now was(now: &str, before: &str)
    }

    /// Names of components that bills of materials give without an identifier.
    NamesPage {
        title list what none name supplier is said take_back known(names: u64) by(author: &str, day: &str)
        none_of(declined: &str) headline(names: u64, proposed: u64) until open may_be this other none_of_these
        something_else such_as nothing_proposed exact exact_reading(names: u64, components: u64)
        confirm_all(names: u64) left(names: u64)
        detail(supplier: Option<&str>, versions: &[String], components: u64) in_release(names: u64) see all
        reach(releases: u64, makers: u64) everywhere(makers: u64)
    }

    /// The page templates of `releases`.
    ReleasesPage {
        add list no_match none such_as what
        unknown(releases: u64) known(releases: u64) matching(releases: u64, text: &str) no_releases
        all(releases: u64) release affect_it_exploited(weaknesses: u64, exploited: u64)
    }

    /// The page templates of `today`.
    TodayPage {
        affected affected_outside cannot_tell clocks do_first exploited look_through nothing_found
        nothing_waits reach what_reaches cisa_date
        import_devices no_devices start_outside(weakness: &str, devices: u64)
        start(weakness: &str, devices: u64) none_known(devices: u64)
        none_known_but(devices: u64, blind: u64) some_known(affected: u64, devices: u64)
        task_alerts(alerts: u64) task_alerts_then see_alerts task_notice(number: u64) task_notice_then(due: &str) see_incident
        task_outside(weakness: &str, devices: u64) task_outside_then
        task_exploited(weakness: &str, devices: u64) task_exploited_then see_devices
        task_review(decisions: u64) task_review_then see_decisions
        task_seen(devices: u64) task_seen_then see_evidence task_nobody(devices: u64) task_nobody_then see_missing task_bill(release: &str)
        task_bill_then(devices: u64) ask_maker task_support(devices: u64) task_support_then task_data
        see_data task_import task_import_then state_affected state_untold state_blind state_clear
        reading(outside: u64, unknown: u64) picture short_exposure(exposure: Exposure)
    }

    /// The page templates of `advisory`.
    AdvisoryPage {
        also_called about see_devices ask_again distributions advisory says counted package versions
        more_packages text outside
        not_found(weakness: &str, devices: u64) untold(weakness: &str, devices: u64)
        touches(weakness: &str, devices: u64, wards: u64)
        touches_but(weakness: &str, devices: u64, wards: u64, untold: u64)
    }

    /// The page templates of `branch`.
    BranchPage {
        matching(hits: u64, components: u64, text: &str)
        made_of more back
        no_version(component: &str) show_parts(parts: u64) show_more(parts: u64)
        and_others(first: &str, others: usize) untold(weaknesses: u64)
        reading(components: u64, marked: u64) not_all
    }

    /// The page templates of `audit`.
    AuditPage {
        what_it_is check export such_as action from to no_match nothing entries number when who subject
        detail from_address before after check_title holds back
        headline(entries: u64, when: &str, who: &str) in_log(entries: u64) all_hold(entries: u64)
        head(number: i64, hash: &str, key: &str) broken
    }

    /// The sheet of a device for the ward.
    DeviceSheet {
        title(device: &str) print back what_to_do what_reaches weaknesses answer
        less_pressing(weaknesses: usize) the_device taken_over signature printed(when: &str)
    }

    /// A device list that comes in.
    ImportPage {
        title ask what file file_what preview again preview_title done_title take preview_again other_file
        columns not_used to_devices without_sbom(releases: u64) whole_file row_by_row
        row_by_row_refused(rows: usize) line happens noticed left_out(rows: usize)
        field_kind field_address field_connected field_isolated field_support_ends
        would(rows: u64, new: u64, changed: u64, same: u64, refused: u64)
        did(rows: u64, new: u64, changed: u64, same: u64, refused: u64) new changed same refused
    }

    /// A bill of materials that comes in.
    UploadPage {
        title what stays maker model version names_what file file_what add added new_release
        run_it(devices: &str) see another document means affect no_weakness none_found untold read services
        relations without_identifier lost where_in mended(problems: &str)
        unchanged(release: &str) read_all(components: u64, release: &str)
        read_but(components: u64, release: &str, lost: u64)
    }

    /// The visitor's own account.
    AccountPage {
        zone_what
        title works_as(organisation: &str, roles: &str) set_up_factor change_password tokens where_signed_in
        sessions browser address since last_seen end this_one end_others sign_on_with(provider: &str)
        linked_as(how: &str) unlink only_way not_linked link(provider: &str) times written_in
        zone_of_browser second_factor codes_left(codes: u64) code_from_app new_codes remove_factor emergency
        emergency_lasts(until: &str) emergency_end emergency_what(hours: i64) emergency_reason
        emergency_take
        never_used last_used(when: &str) linked_since(day: &str, used: &str) unknown_address
        headline(name: &str, places: u64, factor: &str)
    }

    /// Tokens for programs.
    TokensPage {
        title what made copy none tokens may until last_used end new what_for may_what days make
        expired never used_from(when: &str, from: &str) headline(tokens: u64, organisation: &str)
    }

    /// The second factor, its codes and how it is asked for.
    FactorPage {
        title set_up forced step_open step_scan step_type key six_digits confirm codes_title codes_keep
        codes_what codes_kept ask_title ask code code_what lost again
        not_now wrong
    }

    /// The door: signing in.
    SignInPage {
        title sign_in_to(organisation: &str) sign_in_with(provider: &str) or_password administrators
        first_time password not_in_title not_in back word_for_help
        not_ours no_password wrong
    }

    /// The change of a password.
    PasswordPage {
        title choose forced one_time present new again change back
        wrong
    }

    /// What could not be done.
    ErrorPage {
        status_of(status: u16, request: &str) typed to_form
    }

    /// An invitation that is taken up.
    InvitationPage {
        title invites(organisation: &str) as_what(roles: &str) accept_as(account: &str)
        not_you(account: &str) accept_with(provider: &str) or_password choose_name choose_password
        password_what again accept have_account sign_in and_accept type_code
        opens_nothing
    }

    /// The link between an account and an identity at a provider.
    LinkPage {
        title ask(identity: &str, account: &str) back what(identity: &str, account: &str) yes no
    }

    /// The members and the open invitations.
    PeoplePage {
        erase erase_named erase_what erased(values: u64, invitations: u64) erase_none
        title what invite settings(organisation: &str) members roles last_sign_in second_factor open
        none_open who invited_by stands take_back
        all_with_factor(members: u64) some_without(members: u64, bare: u64) never yes no
        closed(when: &str) in_emergency ended(when: &str) until(day: &str) for_makers(makers: &str)
        nameless expired the_person
    }

    /// One member.
    PersonPage {
        unlink unlink_what
        one_time one_time_what what_may_do(name: &str) leaving end end_what(organisation: &str, name: &str)
        open_again close close_what lost give_one_time remove_factor remove_factor_what erasing
        erase_confirm(name: &str) erase erase_what elsewhere
        this_organisation other_organisation since signs_in looked_after_by with_factor without_factor
        headline(name: &str, roles: &str, factor: &str)
        headline_and(name: &str, roles: &str, factor: &str, state: &str) by_both by_provider by_password
        by_nothing
    }

    /// What somebody may do, and until when.
    GrantForm {
        roles makers last_day last_day_what audit_from audit_to requirements requirements_what sites
    }

    /// A new invitation.
    InvitePage {
        title ask what full_name mail mail_what make made_title ready(who: &str) ready_what(days: i64)
        letter(organisation: &str) letter_open(address: &str) letter_camera copy back
    }

    /// The settings of the organisation.
    OrganisationPage {
        currency currency_what title what kind second_factor second_factor_what sign_on
        asks_factor leaves_factor headline(name: &str, kind: &str, factor: &str)
    }

    /// The settings of single sign-on.
    SignOnPage {
        provider_such_as issuer_such_as slug_such_as mapping_such_as
        title what all_settings no_address sign_in_page redirect redirect_what check who_which by_value has
        is_here has_none provider in_use provider_name issuer client_id client_secret slug slug_what scopes
        who_comes claim claim_what mapping mapping_what givable newcomers newcomers_invited
        newcomers_welcome what_else passwords passwords_what factors factors_what remove
        not_set_up(organisation: &str) is_off(provider: &str, organisation: &str)
        or_password(organisation: &str, provider: &str)
        only_provider(organisation: &str, provider: &str) answers(keys: u64, address: &str)
    }

    /// Background jobs, and one of them.
    JobsPage {
        title what none jobs when how_far_or_what asked_by you_can how_far by_the_clock looks_at how_often
        how_often_of(title: &str) set last next log no_log all
        every_quarter every_hour every_3_hours every_6_hours every_12_hours every_day every_week
        every(minutes: u64) never_yet when_a_worker now is_for installation organisation attempts
        attempts_of(made: u32, most: u32) begun over worker save_file(name: &str) open_report
        result_until(size: &str, until: &str) headline(running: u64, waiting: u64, failed: u64) stopping
        running later waiting done failed stopped from(when: &str) since(when: &str)
    }

    /// Notices, and how they leave the house.
    NoticesPage {
        title what seen_them none detail when seen new seen_tag by_mail at_once channels send_test
        no_channel mail mail_host port protection sender mail_user mail_password mail_base webhook
        webhook_url webhook_key webhook_alerts webhook_what syslog syslog_host protocol udp tcp
        tls_greeting tls_start tls_none nothing_happened all_seen some_new(notices: u64)
    }

    /// Somebody else changed the same.
    MeanwhilePage {
        title changed(what: &str) unsaved differs you_want is_now nothing look secret overwrite
        overwrite_what
    }

    /// The report of a scan as a page of its own.
    ScanReport {
        file document judged pressing version unjudged(components: usize) accepted(by: &str) data has_a_say
        note yes no remarks(count: usize) lost mended credits(names: &str)
    }

    /// Numbers with what they count.
    Counts {
        devices(number: u64) releases(number: u64) weaknesses(number: u64) components(number: u64)
        makers(number: u64) people(number: u64) jobs(number: u64) entries(number: u64)
        parts(number: u64) things(number: u64) days(number: u64) references(number: u64)
        remarks(number: u64)
    }

    /// How far away a moment is.
    Moments {
        ahead(day: &str) just_now minutes_ago(minutes: i64) hours_ago(hours: i64) days_ago(days: i64)
        months_ago(months: i64) years_ago(years: i64) over in_a_minute in_minutes(minutes: i64)
        in_hours(hours: i64) in_days(days: i64) in_months(months: i64) today tomorrow yesterday
    }

    /// How old and how whole the data behind a page is.
    DataNoteTexts {
        starter(advisories: u64) nothing as_of(when: &str, fresh: usize, sources: usize)
        of_unknown_age(fresh: usize, sources: usize)
    }

    /// The chain from the record to the answer.
    WhyTexts {
        listed(release: &str)
        contains(release: &str, component: &str, version: Option<&str>, path: &[String])
        package(purl: &str) identified(identifier: &str, by: &str, day: &str) record(evidence: &Evidence) so(answer: Answer, reason: Reason)
        fixed_in(versions: &[String]) severity(severity: Severity, score: Option<f64>) exploited
        by_ransomware cisa_date(due: &str) no_summary chance(percent: f64) unnamed_release affected
        cannot_tell not_affected
    }
}
