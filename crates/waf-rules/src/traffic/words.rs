//! What people write. Each half has its own. The lists for the held-back half were written when the rules were nearly done: guards were
//! changed after that, before the half was counted for the first time, and two rules once more after it (docs/waf-rules.md).

use super::{Dice, Half};

impl Dice {
    /// A sentence of a clinical note.
    pub(super) fn note(&mut self) -> &'static str {
        self.own(NOTES, HELD_NOTES)
    }

    /// A family name.
    pub(super) fn name(&mut self) -> &'static str {
        self.own(NAMES, HELD_NAMES)
    }

    /// What somebody searches for.
    pub(super) fn words(&mut self) -> &'static str {
        self.own(SEARCHES, HELD_SEARCHES)
    }

    /// A password as password rules ask for them: two words with symbols and a number, or, two in five, what a generator
    /// makes of all printable characters.
    pub(super) fn password(&mut self) -> String {
        if self.chance(40) {
            let length = 10 + self.below(7);
            return (0..length)
                .map(|_| char::from(b'!' + u8::try_from(self.below(94)).unwrap_or(0)))
                .collect();
        }
        let (first, second) = (self.own(PARTS, HELD_PARTS), self.own(PARTS, HELD_PARTS));
        let (between, after) = (1 + self.below(3), self.below(3));
        let symbols = |dice: &mut Dice, count: usize| -> String {
            (0..count).map(|_| char::from(SYMBOLS[dice.below(SYMBOLS.len())])).collect()
        };
        let (between, after) = (symbols(self, between), symbols(self, after));
        format!("{first}{between}{second}{after}{}", self.below(100))
    }

    fn own(&mut self, tuning: &[&'static str], held_back: &[&'static str]) -> &'static str {
        self.one(if self.half == Half::Tuning { tuning } else { held_back })
    }
}

/// Every symbol that a keyboard has.
const SYMBOLS: &[u8] = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// The parts of passwords.
const PARTS: &[&str] = &[
    "sonne", "Mond", "home", "Katze", "winter", "Stern", "table", "select", "Haus", "ward", "drop", "union",
];

/// Sentences of clinical notes, in several languages. Four of them are attacks by their looks and stay refused.
const NOTES: &[&str] = &[
    "Pt states \"I can't sleep\" & denies SI/HI; BP 130/85, SpO2 < 92% on RA.",
    "Mother reports: \"he wouldn't eat\" -- weight 3.2 kg (<3rd percentile); recheck in 2/52.",
    "Select appropriate lead from the tray; union of fracture seen on x-ray, drop foot persists.",
    "Insert 16 Fr catheter, update chart where indicated, delete old order set from worklist.",
    "Glucose > 180 mg/dL; give 4 units SC if > 200 or = 200; hold if < 70.",
    "K+ 5.9 (H); ECG: peaked T waves; Ca gluconate 10% 10 ml IV; repeat K+ in 1 h || call MD.",
    "Fibrinogen <1.5 g/l, platelets >50 x10^9/l; INR=1.4; (see lab sheet #2).",
    "Plan: 1) CT head w/o contrast; 2) d/c aspirin; 3) f/u neuro 'ASAP'; 4) PT/OT.",
    "Patient klagt über \"stechende\" Schmerzen; Größe 1,72 m, Gewicht >90 kg; Z.n. Herz-OP '09.",
    "Übelkeit & Erbrechen seit 3 Tagen; RR 90/60 mmHg; Infusion 500 ml NaCl 0,9 % über 2 h.",
    "L'état général s'améliore ; température < 37,5 °C ; l'enfant n'a plus d'œdème.",
    "Douleur à l'épaule droite (EVA 7/10) depuis l'accident d'hier ; pas d'antécédent d'allergie.",
    "El paciente refiere \"mareos\"; TA >140/90; ¿efecto secundario? Añadir 50 mg/día.",
    "Niño de 4 años con fiebre (39,5 °C) y tos; se indica amoxicilina c/8 h x 7 días; control en 48 h.",
    "Il paziente riferisce dolore all'addome; l'ecografia mostra un'ernia < 2 cm.",
    "Terapia: 1 cpr/die; sospendere se PA < 100/60; controllo dell'INR fra 3 gg.",
    "Pacjent zgłasza ból w klatce piersiowej; ciśnienie 150/95; zalecono \"odpoczynek\" & EKG.",
    "Stan po złamaniu kości udowej; zrost prawidłowy; kontrola za 6 tyg. (RTG).",
    "患者自述“头痛”三天；血压 150/95；体温 > 38℃；给予布洛芬 200mg。",
    "术后第2天，切口无红肿；引流量<50ml；拟明日拔管。",
    "患者は「胸が痛い」と訴える。SpO2 < 94%、酸素2L開始。",
    "発熱なし；WBC 12,000 (>9,000)；抗生剤を変更する。",
    "يشكو المريض من صداع؛ ضغط الدم 150/90؛ الحرارة > 38.",
    "لا توجد حساسية معروفة؛ يعطى باراسيتامول 500 ملغ كل 6 ساعات.",
    "Жалобы на \"головокружение\"; АД 160/100; назначен эналаприл 5 мг 2 р/д; контроль < 3 дней.",
    "Состояние удовлетворительное; t 36,6; швы сняты; выписан (явка 12.03).",
    "Allergy: penicillin -> rash; NKDA otherwise. Meds: ASA 81 mg po qd; metoprolol 25 mg bid;",
    "O/E: chest clear; HS I+II+0; abdo soft, non-tender; no oedema; GCS 15/15; PERLA.",
    "From the table, having fallen where the floor was wet; order by Dr O'Brien: neuro obs q1h.",
    "Create discharge summary; alter dose if eGFR < 30; grant access to the family; truncate IV at 22:00.",
    "Wound 3x2 cm; <script> for abx given to pharmacy; R/V in clinic; \"<5 days\" course.",
    "Rx: script given; on load of meds pt felt \"odd\"; alert & oriented x3; prompt follow-up advised.",
    "Exec. function intact; cat scratch on L hand; which was cleaned; id band checked; who: family.",
    "Sleep(ing) well; wait 10 min; ping RN if sats drop; echo tomorrow; head CT neg; more bloods am.",
    "User error on pump: file../log shows 2 occlusion alarms; see C:\\temp\\pump.log; sh*t happens.",
    "See http://intranet.hospital.example/notes?id=12&view=full for the protocol (v2.1); password reset done.",
    "Diagnosis: #NOF (L); ?DVT; c/o pain ++; r/o PE; D-dimer = 1.2 mg/L; Wells' score 1.5.",
    "Imp: COPD exac.; tx: pred 40 mg, nebs q4h; sats 88-92% target; !! no high-flow O2 !!",
    "Diet: NPO; then \"clear fluids\"; $ no cost to pt; 50% of meals; `as tolerated`; ~1500 kcal/d.",
    "Labs @ 06:00: Na 138; K 4.1; Cl- 101; HCO3- 24; BUN/Cr 15/0.9; Glu 101; {repeat qd}.",
    "Delete aspirin from med list, insert PICC and update wt to 71 kg; select \"low salt\" diet from menu.",
    "Drop in Hb to 7.1; union of distal radius; alter table height; create tension band; group & save x2.",
    "If SBP < 90 and HR > 110 then fluid bolus 250 ml; or if MAP <= 65 start norad; else continue.",
    "Sleep study: AHI=32/h; wait list; order by Dr. Lin; having CPAP (12 cmH2O) where tolerated.",
    "CT: echo shows EF 35%; head normal; cat allergy; more pain; less swelling; sort out TTOs; find old notes.",
    "Exec summary: pt alert; prompt reply; confirm NG position (pH<5.5); eval by SLT; script for TTO printed.",
    "Print wristband; load test neg; system review: NAD; shell-like burn <2% TBSA; open reduction 14:00.",
    "Vent: PEEP=8; FiO2=0.4; P/F>200; RASS -2; `on hold` sedation; $50 taxi voucher; 100% O2 for 5\".",
    "See \\\\server01\\xray\\2026\\img.dcm or https://pacs.hospital.example:8443/v?study=1.2.3&u=a#top (login req'd).",
    "Kind: \"It's like a knife\" -- 8/10; || to rib 6; & worse on cough; ~3 d; c/w #rib; analgesia (PCA) ok.",
    "Kein Fieber; Wunde reizlos; Fäden ex am 12.; \"zur Not\" Novalgin 30° bis 4x/d; RR >140 -> Arzt rufen!",
    "Prélèvement n°12 : CRP > 50 mg/l, leucocytes < 4 G/l ; l'avis du chirurgien est demandé (aujourd'hui).",
    "Dieta blanda; \"no tolera\" lácteos; glucemia < 60 -> avisar; ¿alta mañana? (pendiente Dr. Peña).",
    "Dimissione: l'assistito sta bene; PA 120/80; controllo tra un'ora; dell'antibiotico 1 g x 2/die.",
    "Zalecenia: dieta < 1500 kcal; lek \"A\" 2x1; w razie bólu & gorączki > 38 kontakt z lekarzem.",
    "今日诊断：肺炎（右下）；白细胞 > 10；“咳嗽”加重；继续抗生素 <7天>。",
    "手術後：疼痛 3/10；「眠れない」；血圧 < 100；輸液 500ml を追加；家族に説明済み。",
    "تاريخ: سكري > 10 سنوات؛ \"ألم\" في القدم؛ السكر < 180 بعد الأكل.",
    "Рана чистая; \"боль\" 2/10; лейкоциты > 9; температура < 37; повязка & контроль через 2 дня.",
    "A/P: #1 AKI (Cr 2.1->1.8); #2 DM2: SSI if >180; #3 DVT ppx = heparin 5000 u sq tid; #4 dispo: SNF.",
    "Hx of 'ulcer' (1999); s/p chole; FH: CAD in dad @ 50; SH: 1/2 ppd x 20 y; EtOH: \"social\"; allergies=none",
    "Temp 38.2; cultures x2; lactate 2.4; \"sepsis?\" yes/no; 30 ml/kg; abx < 1 h; repeat lactate; q15min obs.",
    "Where's the pain? \"From my back to my leg\"; SLR 40 deg; power 5/5; into clinic; values normal; set for MRI.",
    "Pump: rate=5; VTBI=50; occl. alarm (2x); changed line; bat <20%; S/N 12-34; err 0x1F; sw v3.2.1; reset ok.",
];

/// Family names.
const NAMES: &[&str] = &[
    "O'Connor",
    "D'Angelo",
    "Müller-Lüdenscheidt",
    "N'Diaye",
    "García y López",
    "Łukasiewicz",
    "van 't Hoff",
    "de l'Épée",
    "Select",
    "Union",
    "Null",
    "Drop",
    "李",
    "王小明",
    "St. John-Smythe",
    "Al-Rashid",
    "Öztürk",
    "Nguyễn",
    "Smith; Jr.",
    "Brown (née Green)",
    "Sørensen",
    "Håkansson",
    "Jensen & Søn",
    "Mac/Intyre",
    "Иванов",
    "Петрова",
    "Script",
    "Case",
    "O'Hara-Smith",
    "Dell'Acqua",
    "L'Hôpital",
    "Großmann",
    "Ibáñez & Cía",
    "Kowalczyk (d. Nowak)",
    "'t Jong",
    "Insert",
    "Where",
    "Having",
    "陈",
    "Ng, Wei <Ming>",
    "Åström/Berg",
    "Test; Patient",
    "Mc\"Mac\" Donald",
    "Табаков",
    "And",
    "Like",
    "Table",
    "Exec",
];

/// Search words.
const SEARCHES: &[&str] = &[
    "O'Brien",
    "male & >65",
    "\"exact phrase\"",
    "select all",
    "hba1c >= 6.5%",
    "CT (abdomen/pelvis)",
    "k+ < 3.5",
    "50% dextrose",
    "Müller, Jürgen",
    "1=1 ratio",
    "not asthma or copd",
    "union hospital",
    "pump #12; ward 3",
    "T1/T2",
    "drop-in clinic",
    "order by ward",
    "C# neck",
    "<none>",
    "alert: low",
    "a/b/c",
    "script refill",
    "is null",
    "table 4",
    "case when needed",
    "d'arcy",
    "age > 70 and sex = f",
    "\"chest x-ray\"",
    "select ct",
    "na+ < 130",
    "(hip or knee) replacement",
    "10% glucose",
    "ward 7; bed 2",
    "b/l effusion",
    "group by unit",
    "r/o mi",
    "Schäfer, Jörg",
    "50/50 mix",
    "insert: picc",
    "#42",
    "where is bed 3",
    "like asthma",
    "x = y",
];

/// Sentences for the half that is held back.
const HELD_NOTES: &[&str] = &[
    "Pt c/o CP \"pressure-like\", 6/10, radiating -> L arm; trop < 0.04; EKG: NSR @ 78; ASA 325 given; d/w cards.",
    "Where possible select smaller cuff; update allergies; insert NG; delete duplicate order; drop rate to 40 ml/h.",
    "Mom says \"he's not himself\"; T 39.1; ears clear; throat red ++; rapid strep neg; f/u 48 h or sooner.",
    "S/P TKR day 2: ROM 5-70; calf soft; Hb 9.8 (was 11.2); transfuse if <8; PT bid; sort dressing; find brace.",
    "Na+ 128 (L), osm 265; r/o SIADH; fluid restrict <1 L/d; recheck q6h; \"confused at times\"; CT head: normal.",
    "Insulin: 8 u AM & 6 u PM; sliding scale if BG>10; hypo protocol when <4; test strips & pen needles supplied.",
    "Wound swab: MRSA +ve; isolate; echo on Fri; more physio; less opiates; head of bed 30 deg; cut nails; time out done.",
    "Table of meds updated from GP letter; order set #3; group therapy; having nil by mouth like before; union leader by trade.",
    "Atemnot seit gestern, \"brodelnd\"; SpO2 88 % -> 94 % unter 2 l O2; Füße geschwollen; Lasix 40 mg i.v.; Gewicht täglich!",
    "Verband trocken; Entlassung für den 14.03. geplant; Größe/Gewicht: 1,80 m / >100 kg; Rö-Thorax o.B.; \"alles gut\".",
    "Le patient n'a pas d'allergie ; l'INR est à 2,3 (cible 2 < INR < 3) ; retour à domicile aujourd'hui ; d'accord.",
    "Refiere dolor \"punzante\" 5/10; Tª 37,8 ºC; se pauta ibuprofeno 600 mg c/8 h; si > 38,5 avisar; ¿placa de tórax?",
    "L'anamnesi è muta; dell'esame obiettivo: addome trattabile; si consiglia un'ecografia; terapia < 7 gg.",
    "Chory przytomny; RR 135/80; tętno < 100; \"duszność\" mniejsza; lek & dieta bez zmian; kontrola: 3 mies.",
    "患者：男，65岁；主诉：“胸闷”2小时；心率>100；给予吸氧；复查心电图。",
    "既往歴：糖尿病；HbA1c > 8 %；「しびれ」あり；インスリン 10 単位 → 12 単位。",
    "المريضة 40 سنة؛ \"دوخة\"؛ السكر > 200؛ تم إعطاء الإنسولين؛ مراجعة بعد < أسبوع.",
    "Пациент: \"слабость\"; Hb < 90 г/л; перелить 1 дозу; ЭГДС завтра; ферритин > 15; диета №5.",
    "Neuro: A&Ox3, CN II-XII intact; 5/5 x4; gait steady; \"pins & needles\" R foot; MRI L-spine w/o; EMG PRN.",
    "OB: G2P1 @ 39+2; ctx q4-5 min; cx 4/80/-1; FHR 140s, mod var, + accels; GBS neg; epidural ok'd; \"ready\".",
    "Access: 20G L AC; 22G R hand; PICC 'sluggish' -> alteplase; flush q8h; site: no erythema/edema; date: 11/20.",
    "Meds on d/c: lisinopril 10 mg qd; atorvastatin 40 mg qhs; D/C metformin (eGFR <30); script for Lasix 20 mg sent.",
    "Pump alarmed \"air in line\" x3; bed 12; rate 2.5 ml/h; alert biomed; serial no. A/1234; replaced & running @ 22:15.",
    "Family meeting: goals = comfort; code status: DNR/DNI; \"no more needles\"; chaplain called; SW to follow; wife's cell on file.",
];

/// Names for the half that is held back.
const HELD_NAMES: &[&str] = &[
    "O'Sullivan",
    "D'Souza",
    "M'Barek",
    "Weiß-Großkopf",
    "Pérez & Hijos",
    "Wójcik",
    "van der Meer",
    "L'Écuyer",
    "Update",
    "Order",
    "From",
    "张伟",
    "Kim (geb. Park)",
    "Ångström",
    "Jones; Sr.",
    "Sokolov",
    "Сидоров",
    "Group",
    "Values",
    "Grant",
];

/// Searches for the half that is held back.
const HELD_SEARCHES: &[&str] = &[
    "o'neill",
    "female & <40",
    "\"knee pain\"",
    "select mri",
    "crp > 100",
    "fracture (hip/wrist)",
    "0.9% saline",
    "Weber, Käthe",
    "not diabetic",
    "ward 5 / bed 7",
    "pump #3; icu",
    "c5/c6",
    "insert line",
    "a&e",
    "like before",
    "group a strep",
    "x-ray = normal",
    "table 2",
];

/// The parts of passwords for the half that is held back.
const HELD_PARTS: &[&str] = &[
    "river", "Berg", "candle", "Pferd", "orange", "Blume", "pencil", "Garten", "update", "Wagen", "desk",
    "order",
];
