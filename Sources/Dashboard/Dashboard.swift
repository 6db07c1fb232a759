// Dashboard: what the user sees and can do: state, messages, actions, panels. Pure values and functions over them.
// It does no I/O and has no clock: time and events come in as messages, wishes go out as effects.
