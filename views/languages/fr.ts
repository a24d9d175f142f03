// French.

import type { Sentences } from "./en.ts";

export const SENTENCES: Sentences = {
  dear: "Bonjour {name},",
  ring: "appelez le secrétariat de l’école : {phone}",
  ask: "adressez-vous au secrétariat de l’école",
  didNotAsk: "Si vous n’avez pas demandé cela, {turn}.",
  address: "Adresse",
  username: "Nom d’utilisateur",
  password: "Mot de passe",
  detailsSubject: "Vos identifiants pour le Parent Portal de {school}",
  detailsIntro:
    "Voici vos identifiants pour le Parent Portal de {school} : l’adresse (Address), le nom d’utilisateur (Username) et le mot de passe (Password).",
  detailsAfter:
    "Le mot de passe est valable {days} jour(s). À la première connexion, vous choisissez le vôtre. L’ancien mot de passe ne fonctionne plus.",
  detailsHelp:
    "Si vous n’attendiez pas ce message ou si vous ne pouvez pas vous connecter, {turn}.",
  phoneRemovedSubject: "Votre téléphone a été retiré du Parent Portal de {school}",
  phoneRemoved:
    "Le {at}, le secrétariat de l’école a retiré le téléphone avec lequel vous vous connectiez au Parent Portal de {school}. Les clés d’accès (passkeys) de ce téléphone ne fonctionnent plus non plus. À la prochaine connexion, vous configurerez à nouveau l’authentification à deux facteurs. Votre mot de passe reste le même.",
  passkeysRemovedSubject: "Vos clés d’accès au Parent Portal de {school} ont été retirées",
  passkeysRemoved:
    "Le {at}, le secrétariat de l’école a retiré les clés d’accès (passkeys) avec lesquelles vous vous connectiez au Parent Portal de {school}. Vous vous connectez avec votre nom d’utilisateur et votre mot de passe. Votre mot de passe reste le même.",
  passkeyAddedSubject: "Une clé d’accès a été ajoutée pour le Parent Portal de {school}",
  passkeyAdded:
    "Le {at}, une clé d’accès (passkey) nommée « {passkey} » a été ajoutée à votre compte du Parent Portal de {school}. Quiconque possède cet appareil et peut le déverrouiller peut se connecter à votre place.",
  passkeyNotYou: "Si ce n’était pas vous, {turn}, et changez votre mot de passe.",
  recoveryCodesSubject: "Nouveaux codes de récupération pour le Parent Portal de {school}",
  recoveryCodes:
    "Le {at}, de nouveaux codes de récupération ont été créés pour votre compte du Parent Portal de {school}. Les codes de récupération que vous aviez auparavant ne fonctionnent plus.",
  passkeyRemovedSubject: "Une clé d’accès a été retirée du Parent Portal de {school}",
  passkeyRemoved:
    "Le {at}, la clé d’accès (passkey) nommée « {passkey} » a été retirée de votre compte du Parent Portal de {school}. Elle n’ouvre plus le portail.",
  tfaSetUpSubject:
    "L’authentification à deux facteurs a été configurée pour le Parent Portal de {school}",
  tfaSetUp:
    "Le {at}, l’authentification à deux facteurs de votre compte du Parent Portal de {school} a été configurée. Pour vous connecter, il faut désormais, en plus de votre mot de passe, un code de l’application qui a servi à la configurer.",
  tfaOffSubject:
    "L’authentification à deux facteurs a été désactivée pour le Parent Portal de {school}",
  tfaOff:
    "Le {at}, le secrétariat de l’école a désactivé l’authentification à deux facteurs de votre compte du Parent Portal de {school}. Votre mot de passe suffit pour vous connecter.",
  passwordChangedSubject: "Votre mot de passe du Parent Portal de {school} a été changé",
  passwordChanged:
    "Le {at}, un nouveau mot de passe a été choisi pour votre compte du Parent Portal de {school}. Vous devez vous reconnecter sur tous vos appareils.",
  passwordNotYou:
    "Si c’était vous, il n’y a rien à faire. Sinon, {turn}, et choisissez un nouveau mot de passe :",
  letterSubject: "Une lettre avec un nouveau code pour le Parent Portal de {school}",
  letter:
    "Le {at}, le secrétariat de l’école a imprimé une lettre avec un nouveau code pour votre compte du Parent Portal de {school}. L’ancien mot de passe ne fonctionne plus.",
  linkSubject: "Choisissez un nouveau mot de passe pour le Parent Portal de {school}",
  link:
    "Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour le nom d’utilisateur {username}. Pour le choisir, suivez ce lien :",
  linkUntil:
    "Le lien fonctionne une fois, jusqu’au {until}. Si vous vous connectez avec un code de votre téléphone, il vous sera demandé comme toujours.",
  linkIgnore:
    "Si vous n’avez pas demandé cela, ne faites rien : votre mot de passe reste le même. Si cela se répète, {turn}.",
  usernamesSubject: "Votre nom d’utilisateur pour le Parent Portal de {school}",
  usernameOne: "Voici votre nom d’utilisateur pour le Parent Portal de {school} :",
  usernameMany:
    "Voici les noms d’utilisateur du Parent Portal de {school} liés à cette adresse e-mail :",
  usernamesSignIn: "Connectez-vous, ou choisissez un nouveau mot de passe, ici :",
  usernamesIgnore:
    "Si vous n’avez pas demandé cela, il n’y a rien à faire. Si cela se répète, {turn}.",
  tfaRequiredSubject:
    "L’authentification à deux facteurs est désormais obligatoire pour le Parent Portal de {school}",
  tfaRequired:
    "À votre prochaine connexion au Parent Portal de {school}, vous configurerez un code avec une application de votre téléphone. Le secrétariat de l’école l’a rendu obligatoire le {at}.",
  tfaQuestion: "Si vous avez une question, {turn}.",
  tfaNotRequiredSubject:
    "L’authentification à deux facteurs n’est plus obligatoire pour le Parent Portal de {school}",
  tfaNotRequired:
    "Depuis le {at}, un code de votre téléphone n’est plus obligatoire pour votre compte du Parent Portal de {school}. Votre mot de passe suffit pour vous connecter.",
  changedSubject: "Votre compte du Parent Portal de {school} a été modifié",
  changed:
    "Le {at}, le secrétariat de l’école a modifié un compte du Parent Portal de {school}. Nom : {name}. Nom d’utilisateur : {username}.",
  changedNoEmail: "Ce compte n’a plus d’adresse e-mail.",
  changedEmail: "Les messages sont désormais envoyés à une autre adresse : {email}.",
  changedUsername: "Le nouveau nom d’utilisateur est : {username}.",
  changedPassword: "Le secrétariat de l’école a défini un nouveau mot de passe.",
  mergedSubject: "Vous avez désormais un seul compte du Parent Portal de {school}",
  merged:
    "Le {at}, le secrétariat de l’école a réuni vos deux comptes du Parent Portal de {school}. Le compte avec le nom d’utilisateur {username} est fermé.",
  mergedKept:
    "Désormais, connectez-vous avec votre autre compte, {kept}, et son mot de passe. Il montre les élèves des deux comptes.",
  mergedHelp: "Si vous ne vous y attendiez pas ou si vous n’avez pas l’autre compte, {turn}.",
  languageSaved: "Désormais, nous vous écrivons en français.",
};
