// Urdu, from right to left.

import type { Sentences } from "./en.ts";

export const SENTENCES: Sentences = {
  dear: "جناب/محترمہ {name}،",
  ring: "اسکول کے دفتر کو فون کریں: {phone}",
  ask: "اسکول کے دفتر سے رابطہ کریں",
  didNotAsk: "اگر آپ نے یہ نہیں مانگا تو {turn}۔",
  address: "پتہ",
  username: "صارف نام",
  password: "پاس ورڈ",
  detailsSubject: "{school} کے Parent Portal کے لیے آپ کی لاگ اِن تفصیلات",
  detailsIntro:
    "{school} کے Parent Portal کے لیے آپ کی لاگ اِن تفصیلات یہ ہیں: پتہ (Address)، صارف نام (Username) اور پاس ورڈ (Password)۔",
  detailsAfter:
    "یہ پاس ورڈ {days} دن تک کام کرتا ہے۔ پہلی بار لاگ اِن کرتے وقت آپ اپنا پاس ورڈ خود چنیں گے۔ پرانا پاس ورڈ اب کام نہیں کرتا۔",
  detailsHelp: "اگر آپ کو اس پیغام کی توقع نہیں تھی یا آپ لاگ اِن نہیں کر سکتے تو {turn}۔",
  phoneRemovedSubject: "{school} کے Parent Portal سے آپ کا فون ہٹا دیا گیا ہے",
  phoneRemoved:
    "اسکول کے دفتر نے {at} کو وہ فون ہٹا دیا ہے جس سے آپ {school} کے Parent Portal میں لاگ اِن کرتے تھے۔ اس فون کی پاس کیز (passkeys) بھی اب کام نہیں کرتیں۔ اگلی بار لاگ اِن کرتے وقت آپ دو مرحلوں والی تصدیق دوبارہ ترتیب دیں گے۔ آپ کا پاس ورڈ وہی ہے۔",
  passkeysRemovedSubject: "{school} کے Parent Portal سے آپ کی پاس کیز ہٹا دی گئی ہیں",
  passkeysRemoved:
    "اسکول کے دفتر نے {at} کو وہ پاس کیز (passkeys) ہٹا دی ہیں جن سے آپ {school} کے Parent Portal میں لاگ اِن کرتے تھے۔ اب آپ صارف نام اور پاس ورڈ سے لاگ اِن کرتے ہیں۔ آپ کا پاس ورڈ وہی ہے۔",
  passkeyAddedSubject: "{school} کے Parent Portal کے لیے ایک پاس کی شامل کی گئی ہے",
  passkeyAdded:
    "{at} کو {school} کے Parent Portal میں آپ کے اکاؤنٹ میں ”{passkey}“ نام کی ایک پاس کی (passkey) شامل کی گئی۔ جس کے پاس وہ آلہ ہے اور جو اسے کھول سکتا ہے، وہ آپ کی جگہ لاگ اِن کر سکتا ہے۔",
  passkeyNotYou: "اگر یہ آپ نے نہیں کیا تو {turn}، اور اپنا پاس ورڈ بدل دیں۔",
  recoveryCodesSubject: "{school} کے Parent Portal کے لیے نئے بحالی کوڈز",
  recoveryCodes:
    "{at} کو {school} کے Parent Portal میں آپ کے اکاؤنٹ کے لیے نئے بحالی کوڈز (recovery codes) بنائے گئے۔ پہلے والے بحالی کوڈز اب کام نہیں کریں گے۔",
  passkeyRemovedSubject: "{school} کے Parent Portal سے ایک پاس کی ہٹا دی گئی ہے",
  passkeyRemoved:
    "{at} کو {school} کے Parent Portal میں آپ کے اکاؤنٹ سے ”{passkey}“ نام کی پاس کی (passkey) ہٹا دی گئی۔ اب اس سے پورٹل نہیں کھلتا۔",
  tfaSetUpSubject: "{school} کے Parent Portal کے لیے دو مرحلوں والی تصدیق ترتیب دے دی گئی ہے",
  tfaSetUp:
    "{at} کو {school} کے Parent Portal میں آپ کے اکاؤنٹ کی دو مرحلوں والی تصدیق ترتیب دی گئی۔ لاگ اِن کے لیے اب پاس ورڈ کے ساتھ اُس ایپ کا کوڈ بھی چاہیے جس سے یہ ترتیب دی گئی۔",
  tfaOffSubject: "{school} کے Parent Portal کے لیے دو مرحلوں والی تصدیق بند کر دی گئی ہے",
  tfaOff:
    "اسکول کے دفتر نے {at} کو {school} کے Parent Portal میں آپ کے اکاؤنٹ کی دو مرحلوں والی تصدیق بند کر دی ہے۔ لاگ اِن کے لیے صرف پاس ورڈ کافی ہے۔",
  passwordChangedSubject: "{school} کے Parent Portal کا آپ کا پاس ورڈ بدل دیا گیا ہے",
  passwordChanged:
    "{at} کو {school} کے Parent Portal میں آپ کے اکاؤنٹ کے لیے نیا پاس ورڈ چنا گیا۔ آپ کو اپنے ہر آلے پر دوبارہ لاگ اِن کرنا ہوگا۔",
  passwordNotYou:
    "اگر یہ آپ نے کیا تھا تو کچھ کرنے کی ضرورت نہیں۔ اگر نہیں تو {turn}، اور نیا پاس ورڈ چنیں:",
  letterSubject: "{school} کے Parent Portal کے لیے نئے کوڈ والا خط",
  letter:
    "اسکول کے دفتر نے {at} کو {school} کے Parent Portal میں آپ کے اکاؤنٹ کے لیے نئے کوڈ والا خط چھاپا ہے۔ پرانا پاس ورڈ اب کام نہیں کرتا۔",
  linkSubject: "{school} کے Parent Portal کے لیے نیا پاس ورڈ چنیں",
  link:
    "کسی نے، غالباً آپ نے، صارف نام {username} کے لیے نیا پاس ورڈ مانگا ہے۔ نیا پاس ورڈ چننے کے لیے یہ لنک کھولیں:",
  linkUntil:
    "یہ لنک ایک ہی بار کام کرتا ہے، {until} تک۔ اگر آپ فون کے کوڈ سے لاگ اِن کرتے ہیں تو وہ ہمیشہ کی طرح پوچھا جائے گا۔",
  linkIgnore:
    "اگر آپ نے یہ نہیں مانگا تو کچھ نہ کریں: آپ کا پاس ورڈ وہی رہے گا۔ اگر ایسا پھر ہو تو {turn}۔",
  usernamesSubject: "{school} کے Parent Portal کے لیے آپ کا صارف نام",
  usernameOne: "{school} کے Parent Portal کے لیے آپ کا صارف نام یہ ہے:",
  usernameMany: "{school} کے Parent Portal کے وہ صارف نام جن کا ای میل پتہ یہ ہے:",
  usernamesSignIn: "یہاں لاگ اِن کریں یا نیا پاس ورڈ چنیں:",
  usernamesIgnore: "اگر آپ نے یہ نہیں مانگا تو کچھ کرنے کی ضرورت نہیں۔ اگر ایسا پھر ہو تو {turn}۔",
  tfaRequiredSubject: "{school} کے Parent Portal کے لیے دو مرحلوں والی تصدیق اب لازمی ہے",
  tfaRequired:
    "اگلی بار {school} کے Parent Portal میں لاگ اِن کرتے وقت آپ اپنے فون کی ایپ سے کوڈ ترتیب دیں گے۔ اسکول کے دفتر نے {at} کو اسے لازمی کیا ہے۔",
  tfaQuestion: "اگر آپ کا کوئی سوال ہے تو {turn}۔",
  tfaNotRequiredSubject: "{school} کے Parent Portal کے لیے دو مرحلوں والی تصدیق اب لازمی نہیں",
  tfaNotRequired:
    "{at} سے {school} کے Parent Portal میں آپ کے اکاؤنٹ کے لیے فون کا کوڈ لازمی نہیں رہا۔ لاگ اِن کے لیے صرف پاس ورڈ کافی ہے۔",
  changedSubject: "{school} کے Parent Portal میں آپ کا اکاؤنٹ بدلا گیا ہے",
  changed:
    "اسکول کے دفتر نے {at} کو {school} کے Parent Portal میں ایک اکاؤنٹ بدلا ہے۔ نام: {name}۔ صارف نام: {username}۔",
  changedNoEmail: "اس اکاؤنٹ کا اب کوئی ای میل پتہ نہیں ہے۔",
  changedEmail: "اس اکاؤنٹ کے پیغامات اب دوسرے ای میل پتے پر جاتے ہیں: {email}۔",
  changedUsername: "نیا صارف نام یہ ہے: {username}۔",
  changedPassword: "اسکول کے دفتر نے نیا پاس ورڈ مقرر کیا ہے۔",
  mergedSubject: "{school} کے Parent Portal میں اب آپ کا ایک ہی اکاؤنٹ ہے",
  merged:
    "اسکول کے دفتر نے {at} کو {school} کے Parent Portal میں آپ کے دو اکاؤنٹ ملا کر ایک کر دیے ہیں۔ صارف نام {username} والا اکاؤنٹ بند ہے۔",
  mergedKept:
    "اب سے اپنے دوسرے اکاؤنٹ {kept} اور اس کے پاس ورڈ سے لاگ اِن کریں۔ اس میں دونوں اکاؤنٹس کے طلبہ نظر آتے ہیں۔",
  mergedHelp: "اگر آپ کو اس کی توقع نہیں تھی یا آپ کے پاس دوسرا اکاؤنٹ نہیں ہے تو {turn}۔",
  languageSaved: "اب سے ہم آپ کو اردو میں لکھیں گے۔",
};
