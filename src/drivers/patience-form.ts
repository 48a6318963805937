/** What the setting `patience` may be; a file of its own, because every command reads settings. */
export const patienceForm = { words: 'auto, or a number from 1 to 100', test: /^(auto|[1-9]\d?(\.\d{1,3})?|100)$/ }
