// The letter's link ends with #code, which no server and no referrer ever sees: put it into its field, and forget it.

const field = document.querySelector("input[name=token]");
const code = location.hash.slice(1);

if (field && code && !field.value) {
  field.value = code;
  document.querySelector("input[name=password]").focus();
}
if (code) history.replaceState(null, "", location.pathname);
