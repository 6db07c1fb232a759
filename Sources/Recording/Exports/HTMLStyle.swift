/// How the report looks. Blue and orange tell good from bad to those who see no red or green; words say it as well.
public enum HTMLStyle {
    public static let sheet = """
        :root { color-scheme: light dark; --page: #fbfaf8; --ink: #1c2230; --soft: #5b6475; --line: #d9d6cf;
          --card: #ffffff;
          --good: #0b5fb0; --bad: #b8390e; --warn: #8a5a00; --fault: #f2a65a; }
        @media (prefers-color-scheme: dark) { :root { --page: #12161f; --ink: #e8eaf0; --soft: #9aa4b6;
          --line: #2c3444;
          --card: #1a202c; --good: #6fb4ff; --bad: #ff8a5c; --warn: #f0c060; --fault: #b8691c; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--ink);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
        h1 { font-size: 34px; line-height: 1.15; margin: 0 0 4px; overflow-wrap: anywhere; }
        h2 { font-size: 21px; margin: 44px 0 12px; }
        h3 { font-size: 17px; margin: 0 0 2px; overflow-wrap: anywhere; }
        p { margin: 0 0 8px; }
        .when, footer, figcaption, dt { color: var(--soft); }
        .verdict { display: inline-block; font-size: 13px; font-weight: 700; letter-spacing: .06em;
          vertical-align: middle;
          padding: 2px 10px; border-radius: 999px; border: 2px solid currentColor; color: var(--soft); }
        .verdict.good { color: var(--good); } .verdict.bad { color: var(--bad); }
        .finding { border-left: 4px solid var(--warn); padding: 4px 12px; }
        .facts { display: flex; flex-wrap: wrap; gap: 12px 36px; margin: 20px 0 0; }
        .facts dt { font-size: 13px; } .facts dd { margin: 0; font-size: 22px; font-variant-numeric: tabular-nums; }
        article .facts { gap: 8px 28px; margin: 10px 0 14px; } article .facts dd { font-size: 17px; }
        article, figure { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
          padding: 16px 18px;
          margin: 0 0 16px; break-inside: avoid; }
        svg { display: block; width: 100%; height: auto; font: 12px system-ui, "DejaVu Sans", sans-serif;
          fill: var(--ink); }
        .chart .grid { stroke: var(--line); } .chart .tick { fill: var(--soft); font-size: 11px; }
        .chart .limit { fill: var(--bad); font-size: 11px; paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
        .chart .line { fill: none; stroke: var(--good); stroke-width: 1.6; stroke-linejoin: round; }
        .chart .bound { stroke: var(--bad); stroke-dasharray: 6 4; stroke-width: 1.3; }
        .chart .fault { fill: var(--fault); opacity: .22; } .chart .mark { font-size: 11px; fill: var(--warn); }
        .chart .breach { fill: var(--bad); } .legend { margin: 2px 0 12px 64px; font-size: 12px; color: var(--soft); }
        .graph .edge { fill: none; stroke: var(--soft); stroke-width: 1.4; }
        .graph .edge.warn { stroke: var(--warn); } .graph .edge.bad { stroke: var(--bad); }
        .graph .edge.hurt { stroke-dasharray: 7 4; stroke-width: 2.6; stroke: var(--bad); }
        .graph .hit { fill: var(--bad); font-size: 11px; font-weight: 700; paint-order: stroke;
          stroke: var(--card); stroke-width: 4px; }
        .graph rect { fill: var(--page); stroke: var(--soft); stroke-width: 1.2; }
        .graph .name { font-size: 13px; font-weight: 600; } .graph .figures { fill: var(--soft); font-size: 11px; }
        .graph .ok rect { stroke: var(--good); } .graph .warn rect { stroke: var(--warn); stroke-width: 2; }
        .graph .bad rect { stroke: var(--bad); stroke-width: 3; }
        .graph .stale rect, .graph .unknown rect { stroke-dasharray: 4 3; }
        .wide { overflow-x: auto; } figcaption { margin-top: 8px; font-size: 14px; overflow-wrap: anywhere; }
        table { border-collapse: collapse; max-width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
        table + table, .wide + .wide { margin-top: 14px; }
        th { text-align: left; color: var(--soft); font-weight: 600; white-space: nowrap; }
        th, td { padding: 6px 30px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top;
          overflow-wrap: break-word; }
        th:last-child, td:last-child { padding-right: 0; } tr:last-child td { border-bottom: 0; }
        .number { text-align: right; } td.number { white-space: nowrap; }
        .timeline { list-style: none; margin: 0; padding: 0; }
        .timeline li { display: grid; grid-template-columns: 88px 100px 1fr; gap: 8px; padding: 4px 0 4px 10px;
          border-left: 3px solid var(--line); overflow-wrap: anywhere; }
        .timeline time, .timeline .kind { color: var(--soft); font-variant-numeric: tabular-nums; }
        .timeline .good { border-color: var(--good); } .timeline .warn { border-color: var(--warn); }
        .timeline .bad { border-color: var(--bad); font-weight: 600; }
        footer { margin-top: 48px; font-size: 14px; }
        @media screen and (max-width: 760px) { main { padding: 24px 14px 40px; } .wide table { min-width: 560px; }
          .wide table.many { min-width: 900px; }
          .wide svg { min-width: 700px; } .facts { gap: 10px 24px; } .legend { margin-left: 0; }
          .timeline li { grid-template-columns: 84px 1fr; } .timeline .kind { display: none; } }
        @media print { :root { --page: #ffffff; --card: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb;
          --good: #0b5fb0; --bad: #b8390e; --warn: #8a5a00; --fault: #f2a65a; color-scheme: light; }
          main { max-width: none; padding: 0; } h1, h2, h3, p, thead { break-after: avoid; }
          li, tr, .chart, .facts { break-inside: avoid; } h2 { margin-top: 28px; }
          body { font-size: 13px; } table { font-size: 12px; } td { overflow-wrap: anywhere; }
          th, td { padding-right: 16px; } .wide { overflow: visible; } }
        """
}
