// TerminalCanvas: cells, styles, themes, layout, drawing, keys. It is a pure picture of a screen that a test can compare.
// It knows no mesh and no terminal; what shows a canvas is CursesTerminal.
