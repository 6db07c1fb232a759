extension HTMLStyle {
    /// What only the report of a recording has: its opening, the slider, pictures beside tables, cards on a telephone,
    /// and few pages on paper.
    static let report = """
        .opening { font-size: 18px; margin: 0 0 6px; max-width: 68ch; overflow-wrap: anywhere; }
        .when { margin-bottom: 14px; }
        .verdicts { list-style: none; margin: 16px 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: 8px 20px; }
        .verdicts a { color: inherit; text-decoration: none; overflow-wrap: anywhere; }
        .verdicts a:hover { text-decoration: underline; } .verdicts .verdict { font-size: 11px; padding: 0 7px; }
        article, #day { scroll-margin-top: 76px; } [hidden] { display: none !important; }
        .scrub { position: sticky; top: 0; z-index: 1; display: grid; grid-template-columns: 92px 1fr; gap: 14px;
          align-items: center; margin: 24px -12px 0; padding: 8px 12px; background: var(--page);
          border-bottom: 1px solid var(--line); }
        .scrub output { font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
        .scrub input { display: block; width: 100%; margin: 0; height: 28px; accent-color: var(--good); }
        .scrub svg { height: 11px; padding: 0 8px; } .scrub .fault { fill: var(--fault); }
        .scrub .breach { fill: var(--bad); }
        .beside { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 400px); gap: 24px; align-items: start; }
        .beside figure { border: 0; padding: 0; margin: 0; background: none; } #day figure { margin-bottom: 0; }
        #day dl { margin: 0; } #day dt { font-size: 13px; margin-top: 12px; } #day dt:first-child { margin-top: 0; }
        #day dd { margin: 0; font-size: 17px; overflow-wrap: anywhere; } #day dd { min-height: 1.5em; }
        .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 16px; }
        .pictures figure { margin: 0; }
        .graph .name { font-size: 14px; } .graph .figures { font-size: 12px; } .graph .hit { font-size: 13px; }
        .chart .now { stroke: var(--ink); stroke-width: 1.2; opacity: .7; }
        .cards td { overflow-wrap: anywhere; } .cards th, .cards td, .tight th, .tight td { padding-right: 22px; }
        .beside .cards th, .beside .cards td { padding-right: 12px; }
        details { margin-top: 12px; } summary { color: var(--soft); cursor: pointer; }
        .live .timeline time { cursor: pointer; } .timeline .now { background: var(--card); }
        @media screen and (max-width: 760px) {
          .opening { font-size: 16px; } .beside { grid-template-columns: minmax(0, 1fr); gap: 16px; }
          .beside figure { order: -1; } #day figure { order: 0; } article, figure { padding: 12px; }
          .scrub { gap: 8px; } .scrub output { font-size: 18px; }
          .graph .name { font-size: 15px; } .graph .figures { font-size: 13.5px; }
          .chart .tick, .chart .limit { font-size: 25px; } .chart .odd { display: none; } .chart .mark { display: none; }
          .chart .line, .chart .bound { stroke-width: 3; }
          .tight { font-size: 12.5px; } .tight th { white-space: normal; vertical-align: bottom; }
          .tight th, .tight td { padding-right: 9px; }
          .cards thead { display: none; } .cards, .cards tbody, .cards tr, .cards td { display: block; width: 100%; }
          .cards tr { padding: 8px 0; border-bottom: 1px solid var(--line); } .cards tr:last-child { border-bottom: 0; }
          .cards td, .beside .cards td, .cards td.number { display: grid; grid-template-columns: 116px minmax(0, 1fr);
            gap: 8px; padding: 1px 0; border: 0; text-align: left; white-space: normal; }
          .cards td::before { color: var(--soft); } .cards td:first-child { font-weight: 600; }
          .cards td:nth-child(1)::before { content: var(--h1); } .cards td:nth-child(2)::before { content: var(--h2); }
          .cards td:nth-child(3)::before { content: var(--h3); } .cards td:nth-child(4)::before { content: var(--h4); }
          .cards td:nth-child(5)::before { content: var(--h5); } .cards td:nth-child(6)::before { content: var(--h6); }
          .cards td:nth-child(7)::before { content: var(--h7); } .cards td:nth-child(8)::before { content: var(--h8); }
        }
        @media print {
          @page { size: A4; margin: 12mm; }
          .scrub, #day, details, .chart .now { display: none !important; }
          body { font-size: 9px; line-height: 1.35; } table.cards, table.tight { font-size: 8.5px; }
          h1 { font-size: 20px; } h2 { font-size: 13px; margin: 12px 0 4px; } h3 { font-size: 10.5px; }
          .opening { font-size: 11px; max-width: none; margin-bottom: 2px; } p { margin-bottom: 3px; }
          .verdict { font-size: 7.5px; padding: 0 5px; border-width: 1px; }
          .verdicts { gap: 2px 12px; margin-top: 6px; } .verdicts .verdict { font-size: 7px; }
          .facts, article .facts { gap: 2px 18px; margin: 6px 0; } .facts dt { font-size: 8px; }
          .facts dd, article .facts dd { font-size: 11px; }
          article, figure { padding: 6px 8px; margin-bottom: 6px; border-radius: 4px; }
          .beside { grid-template-columns: minmax(0, 1fr) 118px; gap: 8px; }
          .pictures { grid-template-columns: repeat(3, 1fr); gap: 6px; } .chart { max-height: 104px; }
          .legend { font-size: 7.5px; margin: 0 0 4px; } figcaption { font-size: 8px; margin-top: 3px; }
          .cards th, .cards td, .tight th, .tight td, .beside .cards th, .beside .cards td { padding: 1px 9px 1px 0; }
          .timeline { columns: 2; column-gap: 14px; font-size: 8px; }
          .timeline li { grid-template-columns: 42px 44px 1fr; gap: 4px; padding: 1px 0 1px 5px; border-left-width: 2px; }
          footer { margin-top: 10px; font-size: 8px; }
        }
        """
}
