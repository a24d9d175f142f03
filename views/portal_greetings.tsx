// "Welcome" in the language that a parent has chosen, else in that of the browser; the rest of the portal is in English.

import type { JSX } from "hono/jsx/jsx-runtime";

type Greeting = { readonly lang: string; readonly words: string; readonly dir?: "rtl" };

/** Languages that many families of English and Welsh schools speak at home; forms that fit women and men alike. */
const GREETINGS: readonly Greeting[] = [
  { lang: "ar", words: "أهلًا وسهلًا", dir: "rtl" },
  { lang: "bg", words: "Добре дошли" },
  { lang: "bn", words: "স্বাগতম" },
  { lang: "cs", words: "Vítejte" },
  { lang: "cy", words: "Croeso" },
  { lang: "de", words: "Willkommen" },
  { lang: "el", words: "Καλώς ορίσατε" },
  { lang: "es", words: "Le damos la bienvenida" },
  { lang: "fa", words: "خوش آمدید", dir: "rtl" },
  { lang: "fr", words: "Bienvenue" },
  { lang: "gu", words: "સ્વાગત છે" },
  { lang: "hi", words: "स्वागत है" },
  { lang: "hu", words: "Üdvözöljük" },
  { lang: "it", words: "Le diamo il benvenuto" },
  { lang: "lt", words: "Sveiki atvykę" },
  { lang: "lv", words: "Laipni lūdzam" },
  { lang: "nl", words: "Welkom" },
  { lang: "pa", words: "ਜੀ ਆਇਆਂ ਨੂੰ" },
  { lang: "pl", words: "Witamy" },
  { lang: "pt", words: "Boas-vindas" },
  { lang: "ro", words: "Bun venit" },
  { lang: "ru", words: "Добро пожаловать" },
  { lang: "sk", words: "Vitajte" },
  { lang: "so", words: "Soo dhawow" },
  { lang: "sq", words: "Mirë se vini" },
  { lang: "ta", words: "வரவேற்கிறோம்" },
  { lang: "tr", words: "Hoş geldiniz" },
  { lang: "uk", words: "Ласкаво просимо" },
  { lang: "ur", words: "خوش آمدید", dir: "rtl" },
  { lang: "vi", words: "Chào mừng" },
  { lang: "zh-hant", words: "歡迎" },
  { lang: "zh", words: "欢迎" },
];
/** Where Chinese is written in the traditional way. */
const TRADITIONAL = /^zh-(hant|tw|hk|mo)\b/;

/** @param props.languages the most wanted first, in small letters; whoever wants English most is welcomed in English alone */
export function PortalGreeting(props: { languages: readonly string[] }): JSX.Element | null {
  const greeting = greetingIn(props.languages);
  if (greeting === null) return null;
  return <p class="greeting" lang={greeting.lang} dir={greeting.dir ?? "ltr"}>{greeting.words}</p>;
}

function greetingIn(languages: readonly string[]): Greeting | null {
  for (const language of languages) {
    const [first] = language.split("-");
    if (first === "en") return null;
    const wanted = TRADITIONAL.test(language) ? "zh-hant" : first;
    const found = GREETINGS.find(({ lang }) => lang === wanted);
    if (found !== undefined) return found;
  }
  return null;
}
