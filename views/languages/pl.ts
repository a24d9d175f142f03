// Polish.

import type { Sentences } from "./en.ts";

export const SENTENCES: Sentences = {
  dear: "Dzień dobry, {name},",
  ring: "prosimy zadzwonić do sekretariatu szkoły: {phone}",
  ask: "prosimy skontaktować się z sekretariatem szkoły",
  didNotAsk: "Jeśli to nie była Państwa prośba, {turn}.",
  address: "Adres",
  username: "Nazwa użytkownika",
  password: "Hasło",
  detailsSubject: "Dane do logowania do Parent Portal szkoły {school}",
  detailsIntro:
    "Oto Państwa dane do logowania do Parent Portal szkoły {school}: adres (Address), nazwa użytkownika (Username) i hasło (Password).",
  detailsAfter:
    "Ważność hasła w dniach: {days}. Przy pierwszym logowaniu wybiorą Państwo własne hasło. Wcześniejsze hasło już nie działa.",
  detailsHelp:
    "Jeśli nie spodziewali się Państwo tej wiadomości lub nie mogą się Państwo zalogować, {turn}.",
  phoneRemovedSubject: "Usunięto Państwa telefon z Parent Portal szkoły {school}",
  phoneRemoved:
    "Dnia {at} sekretariat szkoły usunął telefon, którym logowali się Państwo do Parent Portal szkoły {school}. Klucze dostępu (passkeys) z tego telefonu też już nie działają. Przy następnym logowaniu trzeba na nowo ustawić logowanie dwuetapowe. Hasło się nie zmieniło.",
  passkeysRemovedSubject: "Usunięto Państwa klucze dostępu do Parent Portal szkoły {school}",
  passkeysRemoved:
    "Dnia {at} sekretariat szkoły usunął klucze dostępu (passkeys), którymi logowali się Państwo do Parent Portal szkoły {school}. Do logowania służą nazwa użytkownika i hasło. Hasło się nie zmieniło.",
  passkeyAddedSubject: "Dodano klucz dostępu do Parent Portal szkoły {school}",
  passkeyAdded:
    "Dnia {at} do Państwa konta w Parent Portal szkoły {school} dodano klucz dostępu (passkey) o nazwie „{passkey}”. Kto ma to urządzenie i może je odblokować, może zalogować się na Państwa konto.",
  passkeyNotYou: "Jeśli to nie byli Państwo, {turn}, a następnie zmienić hasło.",
  recoveryCodesSubject: "Nowe kody odzyskiwania do Parent Portal szkoły {school}",
  recoveryCodes:
    "Dnia {at} utworzono nowe kody odzyskiwania dla Państwa konta w Parent Portal szkoły {school}. Dotychczasowe kody odzyskiwania już nie działają.",
  passkeyRemovedSubject: "Usunięto klucz dostępu do Parent Portal szkoły {school}",
  passkeyRemoved:
    "Dnia {at} z Państwa konta w Parent Portal szkoły {school} usunięto klucz dostępu (passkey) o nazwie „{passkey}”. Nie otwiera on już portalu.",
  tfaSetUpSubject: "Ustawiono logowanie dwuetapowe w Parent Portal szkoły {school}",
  tfaSetUp:
    "Dnia {at} ustawiono logowanie dwuetapowe dla Państwa konta w Parent Portal szkoły {school}. Do logowania potrzebny jest teraz, oprócz hasła, kod z aplikacji, w której je ustawiono.",
  tfaOffSubject: "Wyłączono logowanie dwuetapowe w Parent Portal szkoły {school}",
  tfaOff:
    "Dnia {at} sekretariat szkoły wyłączył logowanie dwuetapowe dla Państwa konta w Parent Portal szkoły {school}. Do logowania wystarcza samo hasło.",
  passwordChangedSubject: "Zmieniono Państwa hasło do Parent Portal szkoły {school}",
  passwordChanged:
    "Dnia {at} zmieniono hasło do Państwa konta w Parent Portal szkoły {school}. Na wszystkich urządzeniach trzeba zalogować się ponownie.",
  passwordNotYou:
    "Jeśli to byli Państwo, nie trzeba nic robić. Jeśli nie, {turn}, i wybrać nowe hasło:",
  letterSubject: "List z nowym kodem do Parent Portal szkoły {school}",
  letter:
    "Dnia {at} sekretariat szkoły wydrukował list z nowym kodem do Państwa konta w Parent Portal szkoły {school}. Wcześniejsze hasło już nie działa.",
  linkSubject: "Nowe hasło do Parent Portal szkoły {school}",
  link:
    "Ktoś, najprawdopodobniej Państwo, poprosił o nowe hasło dla nazwy użytkownika {username}. Aby je wybrać, prosimy otworzyć ten link:",
  linkUntil:
    "Link działa raz, do: {until}. Jeśli logują się Państwo kodem z telefonu, będzie on potrzebny jak zawsze.",
  linkIgnore:
    "Jeśli to nie była Państwa prośba, nie trzeba nic robić: hasło się nie zmieni. Jeśli to się powtórzy, {turn}.",
  usernamesSubject: "Państwa nazwa użytkownika w Parent Portal szkoły {school}",
  usernameOne: "Oto Państwa nazwa użytkownika w Parent Portal szkoły {school}:",
  usernameMany:
    "Oto nazwy użytkowników w Parent Portal szkoły {school} powiązane z tym adresem e-mail:",
  usernamesSignIn: "Tutaj można się zalogować lub wybrać nowe hasło:",
  usernamesIgnore:
    "Jeśli to nie była Państwa prośba, nie trzeba nic robić. Jeśli to się powtórzy, {turn}.",
  tfaRequiredSubject: "Parent Portal szkoły {school} wymaga teraz logowania dwuetapowego",
  tfaRequired:
    "Przy następnym logowaniu do Parent Portal szkoły {school} trzeba będzie ustawić kod z aplikacji w telefonie. Sekretariat szkoły wprowadził ten wymóg dnia {at}.",
  tfaQuestion: "W razie pytań {turn}.",
  tfaNotRequiredSubject: "Parent Portal szkoły {school} nie wymaga już logowania dwuetapowego",
  tfaNotRequired:
    "Od {at} kod z telefonu nie jest już wymagany dla Państwa konta w Parent Portal szkoły {school}. Do logowania wystarcza samo hasło.",
  changedSubject: "Zmieniono Państwa konto w Parent Portal szkoły {school}",
  changed:
    "Dnia {at} sekretariat szkoły zmienił konto w Parent Portal szkoły {school}. Imię i nazwisko: {name}. Nazwa użytkownika: {username}.",
  changedNoEmail: "Konto nie ma już adresu e-mail.",
  changedEmail: "Wiadomości o tym koncie będą teraz wysyłane na inny adres e-mail: {email}.",
  changedUsername: "Nowa nazwa użytkownika: {username}.",
  changedPassword: "Sekretariat szkoły ustawił nowe hasło.",
  mergedSubject: "Mają Państwo teraz jedno konto w Parent Portal szkoły {school}",
  merged:
    "Dnia {at} sekretariat szkoły połączył dwa Państwa konta w Parent Portal szkoły {school}. Konto z nazwą użytkownika {username} jest zamknięte.",
  mergedKept:
    "Od teraz prosimy logować się na drugie konto, {kept}, jego hasłem. Są w nim uczniowie z obu kont.",
  mergedHelp:
    "Jeśli nie spodziewali się Państwo tej zmiany lub nie mają Państwo drugiego konta, {turn}.",
  languageSaved: "Od teraz piszemy do Państwa po polsku.",
};
