// CursesTerminal: the only code that touches ncurses. It shows a canvas, yields keys, and gives the terminal back.
// It decides nothing about what is shown.
