// English: what every other language says as well.

export const SENTENCES = {
  dear: "Dear {name},",
  ring: "ring the school office: {phone}",
  ask: "ask the school office",
  didNotAsk: "If you did not ask for this, {turn}.",
  address: "Address",
  username: "Username",
  password: "Password",
  detailsSubject: "Your login details for the Parent Portal of {school}",
  detailsIntro: "Here are your login details for the Parent Portal of {school}.",
  detailsAfter:
    "The password works for {days} days, and you choose your own when you first sign in. A password that you had before no longer works.",
  detailsHelp: "If you did not expect this mail, or cannot sign in, {turn}.",
  phoneRemovedSubject: "Your phone was removed from the Parent Portal of {school}",
  phoneRemoved:
    "The school office has removed the phone that you used to sign in to the Parent Portal of {school}, on {at}. Passkeys on it do not open the portal any more either. You set up two factor authentication anew when you next sign in. Your password is the same.",
  passkeysRemovedSubject: "Your passkeys were removed from the Parent Portal of {school}",
  passkeysRemoved:
    "The school office has removed the passkeys that you used to sign in to the Parent Portal of {school}, on {at}. You sign in with your username and password. Your password is the same.",
  passkeyAddedSubject: "A passkey was added for the Parent Portal of {school}",
  passkeyAdded:
    "A passkey named “{passkey}” was added to your logon for the Parent Portal of {school}, on {at}. Whoever has the device with it and can unlock it can sign in as you.",
  passkeyNotYou: "If that was not you, {turn}, and change your password.",
  recoveryCodesSubject: "New recovery codes for the Parent Portal of {school}",
  recoveryCodes:
    "New recovery codes were made for your logon to the Parent Portal of {school}, on {at}. The recovery codes that you had before no longer work.",
  passkeyRemovedSubject: "A passkey was removed from the Parent Portal of {school}",
  passkeyRemoved:
    "The passkey named “{passkey}” was removed from your logon to the Parent Portal of {school}, on {at}. It does not open the portal any more.",
  tfaSetUpSubject: "Two factor authentication was set up for the Parent Portal of {school}",
  tfaSetUp:
    "Two factor authentication was set up for your logon to the Parent Portal of {school}, on {at}. Signing in now takes a code from the app that it was set up with, beside your password.",
  tfaOffSubject: "Two factor authentication was switched off for the Parent Portal of {school}",
  tfaOff:
    "The school office has switched off two factor authentication for your logon to the Parent Portal of {school}, on {at}. You sign in with your password alone.",
  passwordChangedSubject: "Your password for the Parent Portal of {school} was changed",
  passwordChanged:
    "A new password was chosen for your logon to the Parent Portal of {school} on {at}. Wherever you were signed in, you sign in again.",
  passwordNotYou:
    "If that was you, there is nothing to do. If it was not, {turn}, and choose a new one:",
  letterSubject: "A letter with a new code for the Parent Portal of {school}",
  letter:
    "The school office has printed a letter with a new code for your logon to the Parent Portal of {school}, on {at}. The password that you had before no longer works.",
  linkSubject: "Choose a new password for the Parent Portal of {school}",
  link:
    "Somebody, most likely you, has asked for a new password for the username {username}. Follow this link and choose one:",
  linkUntil:
    "It works once, until {until}. If you sign in with a code from your phone, you are asked for it as always.",
  linkIgnore:
    "If you did not ask for this, do nothing: your password stays as it is. If it happens again, {turn}.",
  usernamesSubject: "Your username for the Parent Portal of {school}",
  usernameOne: "This is your username for the Parent Portal of {school}:",
  usernameMany:
    "These are the usernames for the Parent Portal of {school} that have this email address:",
  usernamesSignIn: "Sign in, or choose a new password, here:",
  usernamesIgnore:
    "If you did not ask for this, there is nothing to do. If it happens again, {turn}.",
  tfaRequiredSubject: "Two factor authentication is now required for the Parent Portal of {school}",
  tfaRequired:
    "When you next sign in to the Parent Portal of {school}, you set up a code from an app on your phone. The school office has required that on {at}.",
  tfaQuestion: "If you have a question about it, {turn}.",
  tfaNotRequiredSubject:
    "Two factor authentication is no longer required for the Parent Portal of {school}",
  tfaNotRequired:
    "Since {at} the school office no longer requires a code from your phone for your logon to the Parent Portal of {school}. You sign in with your password alone.",
  changedSubject: "Your logon to the Parent Portal of {school} was changed",
  changed:
    "On {at} the school office changed the logon of {name} with the username {username} to the Parent Portal of {school}.",
  changedNoEmail: "It has no email any more.",
  changedEmail: "Mails about it go to another email now: {email}.",
  changedUsername: "The username is another one now: {username}.",
  changedPassword: "The school office has set a new password.",
  mergedSubject: "You have one logon to the Parent Portal of {school} now",
  merged:
    "On {at} the school office made one of your two logons to the Parent Portal of {school}. The one with the username {username} is closed.",
  mergedKept:
    "From now on you sign in with your other one, {kept}, and its password. It shows the learners of both.",
  mergedHelp: "If you did not expect this, or do not have the other one, {turn}.",
  languageSaved: "From now on we write to you in English.",
} as const;

/** By its name in {@link SENTENCES}; what stands in braces is filled in. */
export type Sentences = { readonly [Name in keyof typeof SENTENCES]: string };
