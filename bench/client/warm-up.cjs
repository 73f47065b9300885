// Imported before anything is measured.
module.exports = {}
