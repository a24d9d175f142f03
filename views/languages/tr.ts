// Turkish.

import type { Sentences } from "./en.ts";

export const SENTENCES: Sentences = {
  dear: "Sayın {name},",
  ring: "lütfen okul sekreterliğini arayın: {phone}",
  ask: "lütfen okul sekreterliğine başvurun",
  didNotAsk: "Bunu siz istemediyseniz {turn}.",
  address: "Adres",
  username: "Kullanıcı adı",
  password: "Şifre",
  detailsSubject: "Parent Portal giriş bilgileriniz: {school}",
  detailsIntro:
    "Parent Portal ({school}) giriş bilgileriniz aşağıdadır: adres (Address), kullanıcı adı (Username) ve şifre (Password).",
  detailsAfter:
    "Şifre {days} gün geçerlidir. İlk girişte kendi şifrenizi seçersiniz. Önceki şifreniz artık geçerli değildir.",
  detailsHelp: "Bu e-postayı beklemiyorsanız veya giriş yapamıyorsanız {turn}.",
  phoneRemovedSubject: "Telefonunuz Parent Portal hesabınızdan kaldırıldı: {school}",
  phoneRemoved:
    "Okul sekreterliği, Parent Portal’a ({school}) girerken kullandığınız telefonu {at} tarihinde kaldırdı. Bu telefondaki geçiş anahtarları (passkey) da artık çalışmaz. Bir sonraki girişinizde iki adımlı doğrulamayı yeniden kurarsınız. Şifreniz aynıdır.",
  passkeysRemovedSubject: "Geçiş anahtarlarınız Parent Portal hesabınızdan kaldırıldı: {school}",
  passkeysRemoved:
    "Okul sekreterliği, Parent Portal’a ({school}) girerken kullandığınız geçiş anahtarlarını (passkey) {at} tarihinde kaldırdı. Kullanıcı adınız ve şifrenizle girersiniz. Şifreniz aynıdır.",
  passkeyAddedSubject: "Parent Portal hesabınıza bir geçiş anahtarı eklendi: {school}",
  passkeyAdded:
    "Parent Portal ({school}) hesabınıza {at} tarihinde “{passkey}” adlı bir geçiş anahtarı (passkey) eklendi. Bu cihaza sahip olan ve kilidini açabilen kişi sizin yerinize giriş yapabilir.",
  passkeyNotYou: "Bunu siz yapmadıysanız {turn}, sonra şifrenizi değiştirin.",
  recoveryCodesSubject: "Parent Portal için yeni kurtarma kodları: {school}",
  recoveryCodes:
    "Parent Portal ({school}) hesabınız için {at} tarihinde yeni kurtarma kodları oluşturuldu. Önceki kurtarma kodlarınız artık çalışmaz.",
  passkeyRemovedSubject: "Parent Portal hesabınızdan bir geçiş anahtarı kaldırıldı: {school}",
  passkeyRemoved:
    "Parent Portal ({school}) hesabınızdan {at} tarihinde “{passkey}” adlı geçiş anahtarı (passkey) kaldırıldı. Artık portalı açmaz.",
  tfaSetUpSubject: "Parent Portal için iki adımlı doğrulama kuruldu: {school}",
  tfaSetUp:
    "Parent Portal ({school}) hesabınızın iki adımlı doğrulaması {at} tarihinde kuruldu. Giriş için artık şifrenizin yanında, kurulumda kullanılan uygulamadan bir kod gerekir.",
  tfaOffSubject: "Parent Portal için iki adımlı doğrulama kapatıldı: {school}",
  tfaOff:
    "Okul sekreterliği, Parent Portal ({school}) hesabınızın iki adımlı doğrulamasını {at} tarihinde kapattı. Giriş için yalnızca şifreniz yeterlidir.",
  passwordChangedSubject: "Parent Portal şifreniz değiştirildi: {school}",
  passwordChanged:
    "Parent Portal ({school}) hesabınız için {at} tarihinde yeni bir şifre seçildi. Bütün cihazlarınızda yeniden giriş yapmanız gerekir.",
  passwordNotYou:
    "Bunu siz yaptıysanız bir şey yapmanız gerekmez. Siz yapmadıysanız {turn}, sonra yeni bir şifre seçin:",
  letterSubject: "Parent Portal için yeni kodlu bir mektup: {school}",
  letter:
    "Okul sekreterliği, Parent Portal ({school}) hesabınız için {at} tarihinde yeni kodlu bir mektup yazdırdı. Önceki şifreniz artık geçerli değildir.",
  linkSubject: "Parent Portal için yeni bir şifre seçin: {school}",
  link:
    "Biri, büyük olasılıkla siz, {username} kullanıcı adı için yeni bir şifre istedi. Şifreyi seçmek için bu bağlantıyı açın:",
  linkUntil:
    "Bağlantı bir kez ve şu zamana kadar çalışır: {until}. Telefonunuzdaki kodla giriyorsanız kod her zamanki gibi istenir.",
  linkIgnore:
    "Bunu siz istemediyseniz bir şey yapmayın: şifreniz aynı kalır. Tekrarlanırsa {turn}.",
  usernamesSubject: "Parent Portal kullanıcı adınız: {school}",
  usernameOne: "Parent Portal ({school}) kullanıcı adınız:",
  usernameMany: "Bu e-posta adresine bağlı Parent Portal ({school}) kullanıcı adları:",
  usernamesSignIn: "Buradan giriş yapabilir veya yeni bir şifre seçebilirsiniz:",
  usernamesIgnore: "Bunu siz istemediyseniz bir şey yapmanız gerekmez. Tekrarlanırsa {turn}.",
  tfaRequiredSubject: "Parent Portal için iki adımlı doğrulama artık zorunlu: {school}",
  tfaRequired:
    "Parent Portal’a ({school}) bir sonraki girişinizde telefonunuzdaki bir uygulamayla kod kuracaksınız. Okul sekreterliği bunu {at} tarihinde zorunlu kıldı.",
  tfaQuestion: "Sorunuz varsa {turn}.",
  tfaNotRequiredSubject: "Parent Portal için iki adımlı doğrulama artık zorunlu değil: {school}",
  tfaNotRequired:
    "Parent Portal ({school}) hesabınız için telefonunuzdaki kod şu zamandan beri zorunlu değildir: {at}. Giriş için yalnızca şifreniz yeterlidir.",
  changedSubject: "Parent Portal hesabınız değiştirildi: {school}",
  changed:
    "Okul sekreterliği, {at} tarihinde bir Parent Portal ({school}) hesabını değiştirdi. Ad soyad: {name}. Kullanıcı adı: {username}.",
  changedNoEmail: "Hesabın artık e-posta adresi yok.",
  changedEmail: "Bu hesapla ilgili e-postalar artık başka bir adrese gönderiliyor: {email}.",
  changedUsername: "Yeni kullanıcı adı: {username}.",
  changedPassword: "Okul sekreterliği yeni bir şifre belirledi.",
  mergedSubject: "Artık tek bir Parent Portal hesabınız var: {school}",
  merged:
    "Okul sekreterliği, iki Parent Portal ({school}) hesabınızı {at} tarihinde birleştirdi. Kullanıcı adı {username} olan hesap kapatıldı.",
  mergedKept:
    "Bundan sonra diğer hesabınızla, {kept}, ve onun şifresiyle girin. Bu hesap her iki hesabın öğrencilerini gösterir.",
  mergedHelp: "Bunu beklemiyorsanız veya diğer hesabınız yoksa {turn}.",
  languageSaved: "Bundan sonra size Türkçe yazıyoruz.",
};
